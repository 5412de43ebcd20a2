import { EMPTY_INVENTORY, intendedEntry, refKey } from '@flotilla/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppState } from './app-state.js';
import { OwnerIndex } from './owner-index.js';

const APPS = ['a', 'b', 'c'] as const;
const KEYS = ['x', 'y'] as const;
const refOf = (name: string): { group: string; kind: string; namespace: string; name: string } => ({
  group: '',
  kind: 'ConfigMap',
  namespace: 'shop',
  name,
});
const inventoryOf = (names: readonly string[]): typeof EMPTY_INVENTORY => ({
  ...EMPTY_INVENTORY,
  entries: names.map((name) => intendedEntry(refOf(name))),
});

describe('OwnerIndex', () => {
  it('says what a walk over all inventories would say', () => {
    const step = fc.record({
      app: fc.constantFrom(...APPS),
      do: fc.constantFrom('take', 'forget', 'leave'),
      names: fc.subarray([...KEYS]),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 20 }), (steps) => {
        const index = new OwnerIndex();
        const states = new Map(APPS.map((app) => [app, new AppState(app, EMPTY_INVENTORY, index)]));
        for (const { app, do: act, names } of steps) {
          const state = states.get(app) as AppState;
          if (act === 'take') state.takeInventory(inventoryOf(names));
          else if (act === 'forget') for (const name of names) state.forget(state.track(refOf(name)));
          else {
            state.leave();
            states.set(app, new AppState(app, EMPTY_INVENTORY, index));
          }
          for (const app of APPS)
            for (const name of KEYS) agree(index.otherThan(app, refKey(refOf(name))), walk(states, app, name));
        }
      }),
    );
  });

  it('does not take in what a write says that ends after its app is gone', () => {
    const index = new OwnerIndex();
    const state = new AppState('old', inventoryOf(['x']), index);
    state.leave();
    state.takeInventory(inventoryOf(['x']));
    expect(index.otherThan('new', refKey(refOf('x')))).toBeUndefined();
  });
});

function walk(states: ReadonlyMap<string, AppState>, asking: string, name: string): string[] {
  return [...states].flatMap(([app, state]) =>
    app !== asking && state.tracked.get(refKey(refOf(name)))?.entry !== undefined ? [app] : [],
  );
}

/** Any of several owners will do. */
function agree(found: string | undefined, walked: readonly string[]): void {
  if (found === undefined) expect(walked).toEqual([]);
  else expect(walked).toContain(found);
}
