import { describe, expect, it } from 'vitest';
import type { WindowDefinition } from '../definitions/index.js';
import type { ActKind } from './facts.js';
import type { ActProposal } from './check-act.js';
import { checkAct } from './check-act.js';
import type { RolloutWorld } from './rollout-world.fixture.js';
import {
  MINUTE,
  RolloutWorld as World,
  SECOND,
  facts,
  planAt,
  strategy,
  target,
  wave,
} from './rollout-world.fixture.js';

const NEVER: WindowDefinition = {
  kind: 'Window',
  name: 'never',
  labels: {},
  place: { file: '', line: 0, column: 0 },
  allow: [{ cron: '0 0 29 2 *', durationMs: MINUTE, timeZone: 'UTC' }],
  deny: [],
  apps: [],
};
const SOAK = { soakMs: 10 * MINUTE };
const RULES = strategy([wave('canary', '0', SOAK), wave('rest', undefined, { approval: 'required' })]);
const FAST = { failedFast: true, problem: 'ImagePullBackOff' };
const LONG = { healthyForMs: 60 * MINUTE };

function begun(rules = RULES): RolloutWorld {
  const world = new World(
    facts([target(1, '0'), target(2, '1'), target(3, '1')], { strategy: rules, windows: { never: NEVER } }),
  );
  world.plan();
  return world;
}

function acted(kind: ActKind, world = begun()): RolloutWorld {
  world.act({ kind });
  world.plan(SECOND);
  return world;
}

function soaked(world: RolloutWorld): RolloutWorld {
  world.report([1], 'healthy', LONG);
  for (let step = 0; step < 22; step += 1) world.plan(30 * SECOND);
  return world;
}

/** Each state that a rollout can be in, by how it gets there. */
const STATES: Readonly<Record<string, () => RolloutWorld>> = {
  running: begun,
  soaking: () => {
    const world = begun();
    world.report([1], 'healthy', LONG);
    world.plan(SECOND);
    return world;
  },
  approval: () => soaked(begun()),
  window: () => begun(strategy([wave('canary', '0', { windows: ['never'] }), wave('rest', undefined)])),
  dependsOn: () => {
    const world = new World(
      facts([target(1, '0', { dependencies: [{ app: 'db', state: 'notHealthy' }] })], { strategy: RULES }),
    );
    world.plan();
    return world;
  },
  deletion: () => {
    const world = begun();
    world.report([1], 'progressing', { phase: 'blocked', deletionSet: 'set' });
    world.plan(SECOND);
    return world;
  },
  paused: () => acted('pause'),
  halted: () => {
    const world = begun();
    world.report([1], 'failed', FAST);
    world.plan(SECOND);
    return world;
  },
  held: () => acted('hold'),
  aborted: () => acted('abort'),
  rolledBack: () => acted('rollback'),
  done: () => {
    const world = soaked(begun());
    world.act({ kind: 'approve', wave: 'rest' });
    for (let step = 0; step < 4; step += 1) {
      world.plan(SECOND);
      world.report([2, 3], 'healthy', LONG);
    }
    return world;
  },
  suspended: () => {
    const world = begun();
    world.change((each) => (each.clusterId === 1 ? { ...each, suspendedUntil: world.now + 60 * MINUTE } : each));
    world.plan(SECOND);
    return world;
  },
  lacking: () => {
    const rules = strategy([wave('canary', '0', { maxFailures: { count: 1 } }), wave('rest', undefined)]);
    const world = begun(rules);
    world.report([1], 'failed', FAST);
    world.plan(SECOND);
    return world;
  },
  asked: () => {
    const world = begun();
    world.change((each) => (each.clusterId === 3 ? { ...each, life: 'asked' } : each));
    world.plan(SECOND);
    return world;
  },
  pruned: () => {
    const world = begun();
    world.change((each) => (each.clusterId === 3 ? { ...each, life: 'pruned' } : each));
    world.plan(SECOND);
    return world;
  },
};

const HELD = 'held aborted rolledBack';
const OPEN = 'running soaking approval window dependsOn deletion suspended lacking asked pruned';
const held = { 'the release is held': HELD };

/** Acts, what they say in every other state, and the states in which they say something else. */
const TABLE: readonly (readonly [act: ActProposal, otherwise: string, but: Readonly<Record<string, string>>])[] = [
  [
    { kind: 'approve' },
    'no approval is waited for',
    { ...held, 'yes rest': 'running soaking approval deletion paused halted suspended asked pruned' },
  ],
  [{ kind: 'overrideWindow' }, 'no window keeps it waiting', { ...held, 'yes canary': 'window' }],
  [
    { kind: 'pause' },
    'yes',
    {
      'it is paused already': 'paused',
      'it is halted': 'halted',
      'it is held': 'held',
      'it is aborted': 'aborted',
      'it is rolledBack': 'rolledBack',
      'it is done': 'done',
    },
  ],
  [{ kind: 'resume' }, 'it is not paused', { yes: 'paused' }],
  [
    { kind: 'promote' },
    'no wave soaks or waits',
    {
      ...held,
      'yes canary': 'running soaking dependsOn deletion paused suspended asked pruned',
      '0 of wave canary are seen healthy, at least 1 must be': 'lacking',
    },
  ],
  [{ kind: 'retry' }, 'no such target has failed', { ...held, yes: 'halted lacking' }],
  [{ kind: 'skip', clusterId: 1 }, 'yes', { 'it runs the release already': 'approval done' }],
  [
    { kind: 'skip', clusterId: 2 },
    'yes',
    { 'web does not target that cluster': 'dependsOn', 'it runs the release already': 'done' },
  ],
  [{ kind: 'abort' }, 'yes', { 'it is aborted': 'aborted', 'it is rolledBack': 'rolledBack', 'it is done': 'done' }],
  [
    { kind: 'rollback' },
    'yes',
    { 'nothing has moved to this release': 'window dependsOn', 'it is rolled back already': 'rolledBack' },
  ],
  [{ kind: 'rollback', toReleaseId: 1 }, 'yes', {}],
  [{ kind: 'rollback', toReleaseId: 2 }, 'that is the newest release', {}],
  [{ kind: 'hold' }, 'yes', { 'the release is held already': HELD }],
  [{ kind: 'clear' }, 'the release is not held', { yes: HELD }],
  [{ kind: 'approveDeletion', deletionSet: 'set' }, 'no target waits for that deletion set', { yes: 'deletion' }],
  [{ kind: 'approveDeletion', deletionSet: 'other' }, 'no target waits for that deletion set', {}],
  [{ kind: 'approveDeletion' }, 'no target waits for that deletion set', {}],
  [{ kind: 'approveRemoval' }, 'no removal is asked or orphaned', { yes: 'asked' }],
  [{ kind: 'orphanRemoval' }, 'no removal is asked or pruned', { yes: 'asked pruned' }],
  [{ kind: 'cancelRemoval' }, 'no removal is pruned or orphaned', { yes: 'pruned' }],
  [{ kind: 'suspendApp' }, 'yes', {}],
  [{ kind: 'resumeApp' }, 'it is not suspended', { yes: 'suspended' }],
];

const worlds = Object.entries(STATES).map(([state, make]) => ({ state, world: make() }));

/** What is said to an act, by state. */
function verdicts(act: ActProposal): Record<string, string> {
  return Object.fromEntries(
    worlds.map(({ state, world }) => {
      const verdict = checkAct(act, planAt(world.facts, world.now), world.facts);
      if (!verdict.ok) expect(verdict.hint).not.toBe('');
      return [state, verdict.ok ? ['yes', verdict.wave].filter(Boolean).join(' ') : verdict.reason];
    }),
  );
}

describe('acts by the state of a rollout', () => {
  it.each(TABLE)('%o: %s, but …', (act, otherwise, but) => {
    const expected = Object.fromEntries(worlds.map(({ state }) => [state, otherwise]));
    for (const [said, states] of Object.entries(but)) for (const state of states.split(' ')) expected[state] = said;
    expect(verdicts(act)).toEqual(expected);
  });

  it('that apply change what they are about; the same again does not apply, or changes nothing more', () => {
    for (const [act] of TABLE) {
      for (const { state, world } of worlds) {
        const before = planAt(world.facts, world.now);
        if (!checkAct(act, before, world.facts).ok || HARMLESS.has(act.kind)) continue;
        const { wave } = checkAct(act, before, world.facts) as { readonly wave?: string };
        const taken = {
          ...act,
          ...(wave !== undefined && { wave }),
          id: 1_000,
          actor: 'ana',
          reason: 'why',
          at: world.now,
        };
        const acts = [...world.facts.acts, taken];
        const after = planAt({ ...world.facts, acts }, world.now);
        expect(
          after.steps.some(({ kind }) => kind === 'acted'),
          `${act.kind} in ${state}`,
        ).toBe(true);
        expect(
          { ...after.memory, lastAct: before.memory.lastAct, of: after.removals },
          `${act.kind} in ${state}`,
        ).not.toEqual({
          ...before.memory,
          of: before.removals,
        });
      }
    }
  });

  it('the states are what they are called', () => {
    const shown = worlds.map(({ state, world }) => [state, planAt(world.facts, world.now).rolloutState]);
    const own = ['paused', 'halted', 'held', 'aborted', 'rolledBack', 'done'];
    for (const [state = '', is] of shown) expect(is, state).toBe(own.includes(state) ? state : 'running');
    expect(OPEN.split(' ')).toEqual(shown.filter(([, is]) => is === 'running').map(([state]) => state));
  });
});

/** Suspending is the act service's and the agent's. */
const HARMLESS: ReadonlySet<ActKind> = new Set(['suspendApp', 'resumeApp']);
