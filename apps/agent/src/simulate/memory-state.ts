import type { StateStore } from '../store/desired-store.js';
import type { HeldState } from '../store/held-state.js';
import { NOTHING_HELD } from '../store/held-state.js';

/** The desired state of an agent that is never restarted. */
export class MemoryState implements StateStore {
  held = NOTHING_HELD;

  load(): Promise<HeldState> {
    return Promise.resolve(this.held);
  }

  accept(next: HeldState): Promise<void> {
    this.held = next;
    return Promise.resolve();
  }
}
