import { describe, expect, it } from 'vitest';
import { AppState } from './app-state.js';
import { nextLookMs } from './next-look.js';
import type { TrackedObject } from './tracked-object.js';

const look = { plan: undefined, monotonic: 1_000, suspendedForMs: 0 };

function stateWith(known: Partial<TrackedObject>): AppState {
  const state = new AppState('web');
  Object.assign(state.track({ group: '', kind: 'ConfigMap', namespace: 'web', name: 'a' }), known);
  return state;
}

describe('nextLookMs', () => {
  it('does not look again when time alone changes nothing', () => {
    expect(nextLookMs(stateWith({}), look)).toBeUndefined();
    expect(nextLookMs(stateWith({ retryAt: 500 }), look)).toBeUndefined();
  });

  it('looks when a retry is due, never a moment earlier', () => {
    expect(nextLookMs(stateWith({ retryAt: 1_999.4, stale: true }), look)).toBe(1_001);
    expect(nextLookMs(stateWith({ retryAt: 1_000.2, stale: true }), look)).toBe(10);
  });

  it('does not forget a retry that fell due while the pass was running', () => {
    expect(nextLookMs(stateWith({ retryAt: 999, stale: true }), look)).toBe(1_001);
  });

  it('looks when a suspension ends', () => {
    expect(nextLookMs(stateWith({}), { ...look, suspendedForMs: 5_000 })).toBe(5_001);
  });
});
