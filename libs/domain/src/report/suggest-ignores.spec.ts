import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ignoredPathsOf } from '../drift/index.js';
import type { IgnorableDrift } from './suggest-ignores.js';
import { suggestIgnores } from './suggest-ignores.js';

const ref = (kind: string, name: string, group = 'apps'): IgnorableDrift['ref'] => ({
  group,
  kind,
  namespace: 'web',
  name,
});

function edited(object: IgnorableDrift['ref'], field: string, manager = 'keda'): IgnorableDrift {
  return { ref: object, kind: 'edited', field, wanted: '2', live: '5', manager };
}

describe('suggestIgnores', () => {
  it('names the one object of a kind, and shares a rule among several that drifted at the same paths', () => {
    const drifts = [
      edited(ref('Deployment', 'web'), '/spec/replicas'),
      edited(ref('Deployment', 'web'), '/spec/paused'),
      edited(ref('ConfigMap', 'a', ''), '/data/x'),
      edited(ref('ConfigMap', 'b', ''), '/data/x'),
    ];
    expect(suggestIgnores(drifts).rules).toEqual([
      {
        group: 'apps',
        kind: 'Deployment',
        name: 'web',
        jsonPointers: ['/spec/paused', '/spec/replicas'],
        fieldManagers: [],
      },
      { kind: 'ConfigMap', jsonPointers: ['/data/x'], fieldManagers: [] },
    ]);
  });

  it('leaves to a manager all it holds, where the manager is known', () => {
    const drifts = [
      edited(ref('Deployment', 'web'), '/spec/replicas'),
      edited(ref('Deployment', 'web'), '/spec/x', ''),
    ];
    expect(suggestIgnores(drifts, true).rules).toEqual([
      { group: 'apps', kind: 'Deployment', name: 'web', jsonPointers: ['/spec/x'], fieldManagers: ['keda'] },
    ]);
  });

  it('has no rule for what was deleted, and says what lets added fields be', () => {
    const gone: IgnorableDrift = { ...edited(ref('Deployment', 'web'), ''), kind: 'deleted', wanted: '', live: '' };
    const added: IgnorableDrift = { ...edited(ref('Deployment', 'web'), '/spec/extra'), wanted: '' };
    expect(suggestIgnores([gone, added])).toEqual({ rules: [], keepsExtra: true, deleted: [gone.ref] });
  });

  it('law: every edit is covered by the rules, and no rule says nothing', () => {
    const drift = fc.record({
      ref: fc.record({
        group: fc.constantFrom('', 'apps'),
        kind: fc.constantFrom('Deployment', 'ConfigMap'),
        namespace: fc.constant('web'),
        name: fc.constantFrom('a', 'b', 'c'),
      }),
      kind: fc.constant('edited' as const),
      field: fc.constantFrom('/spec/replicas', '/data/x', '/metadata/labels/y'),
      wanted: fc.constantFrom('1', '"a"'),
      live: fc.constant('2'),
      manager: fc.constantFrom('', 'keda', 'kubectl'),
    });
    fc.assert(
      fc.property(fc.array(drift, { maxLength: 8 }), fc.boolean(), (drifts, byManager) => {
        const { rules } = suggestIgnores(drifts, byManager);
        expect(rules.every((rule) => rule.jsonPointers.length + rule.fieldManagers.length > 0)).toBe(true);
        for (const { ref: object, field, manager } of drifts) {
          const { pointers, managers } = ignoredPathsOf(object, rules);
          expect(pointers.includes(field) || managers.includes(manager)).toBe(true);
        }
      }),
    );
  });
});
