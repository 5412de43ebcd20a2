import type { RolloutFacts, RolloutTarget } from '@flotilla/domain';
import { DEFAULT_STRATEGY, planRollout } from '@flotilla/domain';
import type { Bench } from './harness.js';
import { measure } from './harness.js';

const TARGETS = 10_000;
const WARM_UP = 5;
const RUNS = 30;
const NOW = 1_800_000_000_000;

/** One plan over 10,000 targets in mid-rollout: half healthy on the release, a wave in flight, the rest waiting. */
export const plan: Bench = () => {
  const facts = midRollout();
  const samples: number[] = [];
  for (let run = 0; run < WARM_UP + RUNS; run++) {
    const start = performance.now();
    planRollout(facts, NOW);
    if (run >= WARM_UP) samples.push(performance.now() - start);
  }
  return Promise.resolve([measure(`plan of ${TARGETS} targets`, 'ms', samples, { max: 50, of: 'median' })]);
};

function midRollout(): RolloutFacts {
  const start = facts(undefined);
  return { ...start, memory: planRollout(start, NOW - 60_000).memory };
}

function facts(memory: RolloutFacts['memory']): RolloutFacts {
  const waves = [0, 1, 2].map((ring) => ({
    ...DEFAULT_STRATEGY.waves[0],
    name: `ring-${ring}`,
    ...(ring < 2 ? { choice: choiceOf(ring) } : {}),
  }));
  return {
    app: 'web',
    release: { id: 2, number: 2 },
    strategy: { ...DEFAULT_STRATEGY, waves: waves as RolloutFacts['strategy']['waves'] },
    groups: {},
    windows: {},
    targets: Array.from({ length: TARGETS }, (_, i) => target(i)),
    acts: [],
    hub: {
      leaderSince: NOW - 3_600_000,
      ledForMs: 3_600_000,
      clock: { epoch: 1, ms: 3_600_000 },
      graceMs: 60_000,
      silentAfterMs: 30_000,
      isolatedSince: undefined,
    },
    memory,
  };
}

function choiceOf(ring: number): object {
  const values = [String(ring)];
  return { selector: { text: `ring in (${ring})`, requirements: [{ op: 'in', key: 'ring', values }] } };
}

function target(i: number): RolloutTarget {
  const moved = i % 2 === 0;
  const part = { bundle: moved ? 'new' : 'old', policy: 'policy' };
  const since = { generation: 1, number: 5 };
  return {
    clusterId: i + 1,
    name: `cluster-${i}`,
    labels: { ring: String(i % 3), region: `r${i % 7}` },
    life: 'active',
    lifeSince: 0,
    onDelete: 'ask',
    desired: { bundle: 'new', policy: 'policy' },
    allowed: { ...part, releaseId: moved ? 2 : 1, since, at: NOW - 300_000 },
    proven: { bundle: 'old', policy: 'policy', releaseId: 1 },
    observation: {
      sessionId: `s${i}`,
      evaluated: since,
      ...part,
      attempted: part,
      phase: 'applied',
      health: 'healthy',
      healthyForMs: 200_000,
      lossCount: 0,
      failedFast: false,
      deletionSet: undefined,
      problem: '',
      reportedAt: NOW - 100_000,
    },
    sessionId: `s${i}`,
    lastSeenAt: NOW - 1_000,
    silentForMs: 1_000,
    suspendedUntil: 0,
    approvedDeletions: [],
    dependencies: [],
  };
}
