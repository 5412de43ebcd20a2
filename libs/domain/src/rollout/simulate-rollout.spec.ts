import { describe, expect, it } from 'vitest';
import type { StrategyDefinition, Wave } from '../definitions/index.js';
import { DEFAULT_STRATEGY } from '../definitions/index.js';
import type { ScriptedCluster, Simulation } from './simulate-rollout.js';
import { simulateRollout } from './simulate-rollout.js';

const MINUTE = 60_000;

function wave(name: string, ring: string | undefined, more: Partial<Wave> = {}): Wave {
  const [defaults] = DEFAULT_STRATEGY.waves;
  if (!defaults) throw new Error('the default strategy has a wave');
  const requirements = [{ op: 'in' as const, key: 'ring', values: [ring ?? ''] }];
  const choice = { by: 'selector' as const, selector: { text: `ring=${ring ?? ''}`, requirements } };
  return { ...defaults, name, ...(ring !== undefined && { choice }), ...more };
}

const RINGS: StrategyDefinition = {
  ...DEFAULT_STRATEGY,
  name: 'rings',
  waves: [
    wave('canary', '0', { soakMs: 30 * MINUTE }),
    wave('early', '1', { approval: 'required', soakMs: 60 * MINUTE, maxConcurrent: { percent: 50 } }),
    wave('rest', undefined, { maxConcurrent: { percent: 20 } }),
  ],
};

function cluster(name: string, ring: string, more: Partial<ScriptedCluster> = {}): ScriptedCluster {
  return { name, labels: { ring }, behaviour: 'ready', afterMs: MINUTE, ...more };
}

const FLEET = [
  cluster('eu-1', '0'),
  ...['eu-2', 'eu-3', 'us-1', 'us-2'].map((name) => cluster(name, '1')),
  ...['ap-1', 'ap-2', 'ap-3', 'ap-4', 'ap-5'].map((name) => cluster(name, '2')),
];

function simulation(more: Partial<Simulation> = {}): Simulation {
  const base = { app: 'web', strategy: RINGS, groups: {}, windows: {}, clusters: FLEET, startsAt: 1_700_000_000_000 };
  return { ...base, approvesAfterMs: 5 * MINUTE, limitMs: 24 * 60 * MINUTE, ...more };
}

const timeline = (of: Simulation): string[] =>
  simulateRollout(of).steps.map(({ at, kind, wave: name, cluster: on }) =>
    [`${(at - of.startsAt) / MINUTE}m`, kind, name, on].filter((part) => part !== undefined).join(' '),
  );

describe('simulateRollout', () => {
  it('takes a good release through three waves with soak and approval', () => {
    expect(timeline(simulation())).toEqual([
      '0m started',
      '0m waveStarted canary',
      '0m assigned canary eu-1',
      '31m waveDone canary',
      '36m acted',
      '36m waveStarted early',
      '36m assigned early eu-2',
      '36m assigned early eu-3',
      '37m assigned early us-1',
      '37m assigned early us-2',
      '98m waveDone early',
      '98m waveStarted rest',
      '98m assigned rest ap-1',
      '99m assigned rest ap-2',
      '100m assigned rest ap-3',
      '101m assigned rest ap-4',
      '102m assigned rest ap-5',
      '103m waveDone rest',
      '103m done',
    ]);
  });

  it('stops a bad release at the canary: nobody else is touched', () => {
    const clusters = [cluster('eu-1', '0', { behaviour: 'failing' }), ...FLEET.slice(1)];
    const { plan, steps } = simulateRollout(simulation({ clusters }));
    expect(plan.rolloutState).toBe('halted');
    expect(steps.filter(({ kind }) => kind === 'assigned').map(({ cluster: on }) => on)).toEqual(['eu-1']);
    expect(plan.blockedBy.find(({ kind }) => kind === 'failureBudget')).toMatchObject({ who: '1 failure, budget 0' });
  });

  it('returns what moved to what was proven, and holds the release, when the strategy says so', () => {
    const strategy: StrategyDefinition = { ...RINGS, onFailure: { do: 'rollback', scope: 'wave' } };
    const clusters = [cluster('eu-1', '0', { behaviour: 'failing' }), ...FLEET.slice(1)];
    const { plan, steps } = simulateRollout(simulation({ clusters, strategy }));
    expect(plan.rolloutState).toBe('rolledBack');
    expect(steps.filter(({ kind }) => kind === 'returned').map(({ cluster: on }) => on)).toEqual(['eu-1']);
    expect(plan.holds).toEqual([{ releaseId: 2, reason: '1 failed in wave canary, budget 0' }]);
  });

  it('fails a target that is never healthy at its deadline', () => {
    const clusters = [cluster('eu-1', '0', { behaviour: 'stuck' }), ...FLEET.slice(1)];
    expect(timeline(simulation({ clusters })).slice(-2)).toEqual(['15m failed canary eu-1', '15m halted canary']);
  });

  it('lets a cluster that is away go, and waits for one when the strategy waits', () => {
    const clusters = [...FLEET.slice(0, 9), cluster('ap-5', '2', { behaviour: 'away' })];
    expect(simulateRollout(simulation({ clusters })).plan.rolloutState).toBe('done');
    const waiting = simulateRollout(simulation({ clusters, strategy: { ...RINGS, offline: 'wait' } })).plan;
    expect(waiting.rolloutState).toBe('running');
    expect(waiting.blockedBy.map(({ kind, cluster: on }) => [kind, on])).toContainEqual(['silent', 'ap-5']);
  });

  it('sends one target ahead for the longest soak when no canary changes', () => {
    const clusters = FLEET.filter(({ labels }) => labels['ring'] !== '0');
    const steps = timeline(simulation({ clusters }));
    expect(steps.slice(0, 6)).toEqual([
      '0m started',
      '5m acted',
      '5m waveStarted early:first',
      '5m assigned early:first eu-2',
      '66m waveDone early:first',
      '66m waveStarted early',
    ]);
  });

  it.each([0, 1, MINUTE])(
    'is done when whoever approves takes %i ms: also one who does so at once',
    (approvesAfterMs) => {
      const { plan, steps } = simulateRollout(simulation({ approvesAfterMs }));
      expect([plan.rolloutState, steps.filter(({ kind }) => kind === 'acted').length]).toEqual(['done', 1]);
    },
  );
});
