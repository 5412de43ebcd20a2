import type { ApiCall, CallMatcher } from './api-call.js';
import { matchesCall } from './api-call.js';

/** What happens to a call instead of its answer, or (`delay`, `cut`) to its answer. */
export type ApiFaultKind =
  | { readonly kind: 'status'; readonly code: number; readonly message?: string; readonly retryAfterSeconds?: number }
  /** The request is taken and never answered. */
  | { readonly kind: 'hang' }
  /** The connection is torn down (RST). */
  | { readonly kind: 'reset' }
  | { readonly kind: 'delay'; readonly delayMs: number }
  /** A watch ends without a word after that many events. */
  | { readonly kind: 'cut'; readonly afterEvents: number };

export interface InjectedFault {
  /** How many calls it has met so far. */
  readonly met: number;
  remove(): void;
}

interface Entry {
  readonly matcher: CallMatcher;
  readonly fault: ApiFaultKind;
  times: number;
  met: number;
}

/** Faults that a test asks for. The first entry that matches a call and is not used up takes it. */
export class FaultInjector {
  private readonly entries = new Set<Entry>();
  private readonly watches = new Map<() => void, ApiCall>();

  /** @param times how many calls it meets before it is used up; without it, all until `remove` or `clear`. */
  inject(matcher: CallMatcher, fault: ApiFaultKind, times = Infinity): InjectedFault {
    const entry: Entry = { matcher, fault, times, met: 0 };
    this.entries.add(entry);
    return {
      get met() {
        return entry.met;
      },
      remove: () => void this.entries.delete(entry),
    };
  }

  clear(): void {
    this.entries.clear();
  }

  /** Ends the running watches that match, without a closing word; says how many. */
  cutWatches(matcher: CallMatcher = {}): number {
    const cut = [...this.watches].filter(([, call]) => matchesCall(call, matcher));
    for (const [end] of cut) end();
    return cut.length;
  }

  /** For the server: the fault that this call meets. */
  take(call: ApiCall): ApiFaultKind | undefined {
    for (const entry of this.entries) {
      if (!matchesCall(call, entry.matcher)) continue;
      entry.met += 1;
      entry.times -= 1;
      if (entry.times <= 0) this.entries.delete(entry);
      return entry.fault;
    }
    return undefined;
  }

  /** For the server: a watch began; the returned function forgets it. */
  addWatch(call: ApiCall, end: () => void): () => void {
    this.watches.set(end, call);
    return () => void this.watches.delete(end);
  }
}
