import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FleetDefinitions } from './definition.js';
import type { FreezeOptions, FrozenFleet } from './freeze-fleet.js';
import { freezeFleet } from './freeze-fleet.js';
import { indexDefinitions } from './index-definitions.js';
import { parseFleet } from './parse-fleet.js';
import { referencesOf } from './references-of.js';

type Files = Readonly<Record<string, string>>;

function parse(files: Files): ReturnType<typeof parseFleet> {
  return parseFleet(Object.entries(files).map(([path, content]) => ({ path, content })));
}

function freeze(before: Files, after: Files, options: FreezeOptions = {}): FrozenFleet {
  const previous = parse(before);
  expect(previous.problems).toEqual([]);
  return freezeFleet(previous.definitions, parse(after), options);
}

function frozenNames({ frozen }: FrozenFleet): string[] {
  return frozen.map(({ kind, name, reason }) => `${kind}/${name} ${reason}`);
}

const app = (name: string, more = ''): string =>
  `kind: App\nmetadata: {name: ${name}}\nspec: {targets: [{all: true}]${more}}\n`;
const rings = (soak: string): string =>
  `kind: RolloutStrategy\nmetadata: {name: rings}\nspec: {waves: [{name: all, soak: ${soak}}]}\n`;

const BEFORE: Files = {
  'fleet/strategy.yaml': rings('1m'),
  'web/flotilla.yaml': app('web', ', strategy: rings'),
  'api/flotilla.yaml': app('api'),
  'ops/flotilla.yaml': `${app('ops')}---\n${app('ops-2')}`,
};

describe('freezeFleet', () => {
  it('takes a revision without problems as it is', () => {
    const { 'api/flotilla.yaml': _, ...after } = BEFORE;
    const result = freeze(BEFORE, after);
    expect(result).toEqual({
      effective: parse(after).definitions,
      frozen: [],
      removed: [{ kind: 'App', name: 'api' }],
    });
  });

  it('freezes an invalid document and moves the others on', () => {
    const result = freeze(BEFORE, {
      ...BEFORE,
      'web/flotilla.yaml': app('web', ', mdoe: observe'),
      'api/flotilla.yaml': app('api', ', mode: observe'),
    });
    expect(frozenNames(result)).toEqual(['App/web invalid']);
    expect(result.effective.apps['web']).toEqual(parse(BEFORE).definitions.apps['web']);
    expect(result.effective.apps['api']?.mode).toBe('observe');
    expect(result.frozen[0]).toMatchObject({ lastGood: true, because: 'web/flotilla.yaml:3: unknown field "mdoe"' });
  });

  it('freezes what refers to an invalid document', () => {
    const result = freeze(BEFORE, {
      ...BEFORE,
      'fleet/strategy.yaml': rings('-1'),
      'web/flotilla.yaml': app('web', ', strategy: rings, mode: observe'),
    });
    expect(frozenNames(result)).toEqual(['App/web refersToFrozen', 'RolloutStrategy/rings invalid']);
    expect(result.effective).toEqual(parse(BEFORE).definitions);
  });

  it('freezes everything last defined in a file that cannot be read', () => {
    const result = freeze(BEFORE, { ...BEFORE, 'ops/flotilla.yaml': 'a: [', 'new/flotilla.yaml': app('new') });
    expect(frozenNames(result)).toEqual(['App/ops unreadableFile', 'App/ops-2 unreadableFile']);
    expect(Object.keys(result.effective.apps).sort()).toEqual(['api', 'new', 'ops', 'ops-2', 'web']);
  });

  it('removes nothing of a file, kind or source with a problem', () => {
    const { 'api/flotilla.yaml': _, ...rest } = BEFORE;
    const nameless = freeze(BEFORE, { ...rest, 'ops/flotilla.yaml': `${app('ops')}---\nkind: App\nmetadata: {}` });
    expect(frozenNames(nameless)).toEqual(['App/api notProvenGone', 'App/ops-2 notProvenGone']);
    const invalid = freeze(BEFORE, { ...rest, 'web/flotilla.yaml': app('web', ', x: y') });
    expect(frozenNames(invalid)).toEqual(['App/api notProvenGone', 'App/web invalid']);
    const otherKind = freeze(BEFORE, { ...rest, 'fleet/strategy.yaml': rings('-1') });
    expect(otherKind.removed).toEqual([{ kind: 'App', name: 'api' }]);
    const source = 'kind: Source\nmetadata: {name: apps}\nspec: {url: "https://git.example/apps"}';
    const before = { 'fleet/s.yaml': source, 'fleet/a.yaml': app('a', ', source: {name: apps, path: a}') };
    const failing = freeze(before, { 'fleet/s.yaml': source }, { failingSources: ['apps'] });
    expect(frozenNames(failing)).toEqual(['App/a notProvenGone']);
  });

  it('keeps what a frozen app refers to though it is gone', () => {
    const { 'fleet/strategy.yaml': _, ...after } = BEFORE;
    const result = freeze(BEFORE, after);
    expect(frozenNames(result)).toEqual(['App/web invalid', 'RolloutStrategy/rings neededByFrozen']);
    expect(result.effective).toEqual(parse(BEFORE).definitions);
  });

  it('lets a renamed app go though another has a problem', () => {
    const { 'api/flotilla.yaml': _, ...rest } = BEFORE;
    const result = freeze(BEFORE, {
      ...rest,
      'api2/flotilla.yaml': app('api2', ', formerly: [api]'),
      'web/flotilla.yaml': app('web', ', x: y'),
    });
    expect(frozenNames(result)).toEqual(['App/web invalid']);
    expect(Object.keys(result.effective.apps).sort()).toEqual(['api2', 'ops', 'ops-2', 'web']);
  });

  it.each<readonly [string, Files]>([
    ['two definitions have one name', { ...BEFORE, 'b/flotilla.yaml': app('api') }],
    ['a Project is wrong', { ...BEFORE, 'fleet/p.yaml': 'kind: Project\nmetadata: {name: p}\nspec: {}' }],
    [
      'a tenant defines a Project',
      {
        ...BEFORE,
        'fleet/p.yaml': 'kind: Project\nmetadata: {name: p}\nspec: {paths: [web/**]}',
        'web/flotilla.yaml': 'kind: Project\nmetadata: {name: q}\nspec: {paths: ["**"]}',
      },
    ],
  ])('freezes the revision when %s', (_, after) => {
    const result = freeze(BEFORE, { ...after, 'ops/flotilla.yaml': app('ops', ', mode: observe') });
    expect(result.effective).toEqual(parse(BEFORE).definitions);
    expect(result.removed).toEqual([]);
    expect(new Set(result.frozen.map((item) => item.reason))).toEqual(new Set(['revision']));
  });

  it('freezes the revision when a Project is lost in a file with problems', () => {
    const project = 'kind: Project\nmetadata: {name: p}\nspec: {paths: [api/**]}\n';
    const before = { ...BEFORE, 'fleet/p.yaml': project };
    for (const content of ['a: [', project.replace('Project', 'Projct')]) {
      const result = freeze(before, {
        ...before,
        'fleet/p.yaml': content,
        'api/flotilla.yaml': app('api', ', mode: observe'),
      });
      expect(result.effective).toEqual(parse(before).definitions);
    }
  });

  it('freezes the revision for any problem when strict', () => {
    const after = {
      ...BEFORE,
      'web/flotilla.yaml': app('web', ', x: y'),
      'api/flotilla.yaml': app('api', ', mode: observe'),
    };
    expect(freeze(BEFORE, after, { strict: true }).effective).toEqual(parse(BEFORE).definitions);
    const strict = {
      'fleet/s.yaml': 'kind: Source\nmetadata: {name: s}\nspec: {url: "https://x.example/a", strict: true}',
    };
    expect(freeze({ ...BEFORE, ...strict }, { ...after, ...strict }).effective.apps['api']?.mode).toBe('manage');
  });

  it('starts with what is right in a first revision', () => {
    const result = freezeFleet(
      undefined,
      parse({ 'a/flotilla.yaml': app('a'), 'b/flotilla.yaml': app('b', ', x: y') }),
    );
    expect(Object.keys(result.effective.apps)).toEqual(['a']);
    expect(result.frozen).toMatchObject([{ name: 'b', reason: 'invalid', lastGood: false }]);
  });
});

/** One app in one state of a revision: where it is, what it says, and what is wrong with it. */
interface AppState {
  readonly state: 'kept' | 'changed' | 'broken' | 'gone';
  readonly strategy: boolean;
  readonly dependsOn: boolean;
}

const NAMES = ['a', 'b', 'c', 'd', 'e'] as const;
const appState: fc.Arbitrary<AppState> = fc.record({
  state: fc.constantFrom('kept', 'kept', 'changed', 'broken', 'gone'),
  strategy: fc.boolean(),
  dependsOn: fc.boolean(),
});
const revision = fc.record({
  apps: fc.tuple(appState, appState, appState, appState, appState),
  strategy: fc.constantFrom('kept', 'changed', 'broken', 'gone'),
  unreadable: fc.subarray(['fleet/0.yaml', 'fleet/1.yaml', 'fleet/s.yaml'], { maxLength: 1 }),
});
type Revision = typeof revision extends fc.Arbitrary<infer T> ? T : never;

/** Apps stand in two files, the strategy in a third; each app may depend on the one before it. */
function filesOf({ apps, strategy, unreadable }: Revision): Files {
  const files: Record<string, string> = { 'fleet/0.yaml': '', 'fleet/1.yaml': '', 'fleet/s.yaml': '' };
  apps.forEach((state, index) => {
    if (state.state === 'gone') return;
    const before = NAMES[index - 1];
    const refers = `${state.strategy ? ', strategy: rings' : ''}${state.dependsOn && before ? `, dependsOn: [${before}]` : ''}`;
    const content = { kept: '', changed: ', mode: observe', broken: ', x: y' }[state.state];
    files[`fleet/${index % 2}.yaml`] += `---\n${app(NAMES[index] ?? '', refers + content)}`;
  });
  if (strategy !== 'gone') files['fleet/s.yaml'] = rings({ kept: '1m', changed: '2m', broken: '-1' }[strategy]);
  for (const file of unreadable) files[file] += '\n---\na: [';
  return files;
}

function danglingReferences(definitions: FleetDefinitions): string[] {
  const index = indexDefinitions(definitions);
  const references = [...index.values()].flatMap(referencesOf);
  return references.map(({ kind, name }) => `${kind}/${name}`).filter((key) => !index.has(key));
}

describe('laws of freezeFleet', () => {
  /** Three revisions after each other, so that what is in force stems from different commits. */
  const history = fc.array(revision, { minLength: 1, maxLength: 4 });

  function play(revisions: readonly Revision[], check: (step: Step) => void): void {
    let previous: FleetDefinitions | undefined;
    for (const item of revisions) {
      const parsed = parse(filesOf(item));
      const result = freezeFleet(previous, parsed);
      check({ previous: indexDefinitions(previous ?? parse({}).definitions), parsed, result });
      previous = result.effective;
    }
  }
  interface Step {
    readonly previous: ReturnType<typeof indexDefinitions>;
    readonly parsed: ReturnType<typeof parseFleet>;
    readonly result: FrozenFleet;
  }

  const holds = (check: (step: Step) => void): void => {
    fc.assert(
      fc.property(history, (revisions) => play(revisions, check)),
      { numRuns: 60 },
    );
  };

  it('never changes or removes what an erroneous document or an unreadable file defines', () => {
    holds(({ previous, parsed, result }) => {
      const effective = indexDefinitions(result.effective);
      const wrong = parsed.problems.map(({ subject }) => `${subject.kind}/${subject.name}`);
      const lost = [...previous]
        .filter(([, item]) => parsed.unreadableFiles.includes(item.place.file))
        .map(([key]) => key);
      for (const key of [...wrong, ...lost]) expect(effective.get(key)).toEqual(previous.get(key));
    });
  });

  it('equals the revision when nothing is wrong with it', () => {
    holds(({ parsed, result }) => {
      if (parsed.problems.length > 0) return;
      expect(result.effective).toEqual(parsed.definitions);
      expect(result.frozen).toEqual([]);
    });
  });

  it('moves on whatever is right and refers to nothing frozen', () => {
    holds(({ parsed, result }) => {
      const effective = indexDefinitions(result.effective);
      const frozen = new Set(result.frozen.map(({ kind, name }) => `${kind}/${name}`));
      for (const [key, item] of indexDefinitions(parsed.definitions)) {
        const hangs = referencesOf(item).some(({ kind, name }) => frozen.has(`${kind}/${name}`));
        if (!hangs && !parsed.unreadableFiles.length) expect(effective.get(key)).toEqual(item);
      }
    });
  });

  it('accounts for every definition that is absent, and removes none that a problem may hide', () => {
    holds(({ previous, parsed, result }) => {
      const removed = result.removed.map(({ kind, name }) => `${kind}/${name}`);
      const effective = indexDefinitions(result.effective);
      for (const [key, item] of previous) {
        expect(effective.has(key)).toBe(!removed.includes(key));
        if (!removed.includes(key)) continue;
        expect(parsed.problems.map(({ place }) => place.file)).not.toContain(item.place.file);
        expect(parsed.problems.map(({ subject }) => subject.kind)).not.toContain(item.kind);
      }
    });
  });

  it('leaves no reference that leads nowhere', () => {
    holds(({ result }) => expect(danglingReferences(result.effective)).toEqual([]));
  });
});
