import { orderVersions } from '../desired-state/index.js';
import { isLive } from './assess-evidence.js';
import type { DependencyFact, RolloutTarget } from './facts.js';
import type { Look, TargetObstacle } from './look.js';
import type { RolloutMemory, TargetMemory } from './memory.js';
import type { Observed } from './observe-target.js';
import { isApproved, isOverBudget, slotsTaken, windowOpen } from './plan-wave.js';
import type { PlannedWave } from './plan-wave.js';
import type { Block, BlockKind, PlannedRemoval } from './rollout-plan.js';
import type { WindowBook } from './window-open.js';

/** Single clusters named per wave and kind; the rest is counted. */
const NAMED_CLUSTERS = 20;

interface Situation {
  readonly look: Look;
  readonly waves: readonly PlannedWave[];
  readonly windows: WindowBook;
  readonly memory: RolloutMemory;
  readonly removals: readonly PlannedRemoval[];
}

/** Every reason why something that could happen does not, the rollout's own first, then wave by wave. */
export function explainBlocks(situation: Situation): Block[] {
  const blocks = [...rolloutBlocks(situation)];
  let earlier: PlannedWave | undefined;
  for (const wave of situation.waves) {
    if (wave.members.length === 0) continue;
    blocks.push(...waveBlocks(wave, earlier, situation));
    if (wave.finishedAt === undefined) earlier = wave;
  }
  return [...blocks, ...removalBlocks(situation)];
}

function* rolloutBlocks({ look, memory, waves }: Situation): Generator<Block> {
  const { isolatedSince, leaderSince } = look.facts.hub;
  if (isolatedSince !== undefined) {
    yield {
      kind: 'hubIsolated',
      who: 'hub',
      since: isolatedSince,
      unblocks: 'most of the silent clusters return or are removed',
    };
  }
  const underWay = waves.some((wave) => wave.memory !== undefined && wave.finishedAt === undefined);
  if (look.now < look.graceUntil && (underWay || look.facts.targets.some(({ life }) => life === 'leaving'))) {
    yield {
      kind: 'newLeader',
      who: 'hub',
      since: leaderSince,
      unblocks: 'the grace of a new leader ends; until then nothing fails or leaves',
    };
  }
  const { hold, aborted, rollback, paused } = memory;
  if (aborted) yield { kind: 'aborted', who: aborted.actor, since: aborted.at, unblocks: 'clear, or a newer release' };
  else if (rollback)
    yield { kind: 'rolledBack', who: rollback.actor, since: rollback.at, unblocks: 'clear, or a newer release' };
  else if (hold) yield { kind: 'hold', who: hold.actor, since: hold.at, unblocks: 'clear, or a newer release' };
  if (paused) yield { kind: 'paused', who: paused.actor, since: paused.at, unblocks: 'resume' };
}

function* waveBlocks(wave: PlannedWave, earlier: PlannedWave | undefined, situation: Situation): Generator<Block> {
  const { memory } = situation;
  const at = { wave: wave.name };
  const since = wave.startedAt ?? readySince(situation, wave);
  if (isOverBudget(wave)) yield { ...at, ...budgetBlock(wave) };
  if (wave.memory === undefined) {
    if (earlier)
      yield {
        ...at,
        kind: 'earlierWave',
        who: earlier.name,
        since: memory.startedAt,
        unblocks: `wave ${earlier.name} is done and soaked`,
      };
    if (!isApproved(wave, memory))
      yield { ...at, kind: 'approval', who: 'operator', since, unblocks: `approve wave ${wave.base}` };
  } else {
    yield* runningBlocks(wave, since);
  }
  if (wave.finishedAt === undefined || wave.counts.waiting > 0) yield* windowBlocks(wave, since, situation);
  yield* clusterBlocks(wave, since);
}

function budgetBlock(wave: PlannedWave): Omit<Block, 'wave'> {
  const failures = wave.observed.flatMap(({ memory }) => (memory.failed ? [memory.failed.at] : []));
  const { failed } = wave.counts;
  return {
    kind: 'failureBudget',
    who: `${failed} ${failed === 1 ? 'failure' : 'failures'}, budget ${wave.maxFailures}`,
    since: Math.min(...failures),
    unblocks: 'a newer release, retry, skip or rollback',
  };
}

function* runningBlocks(wave: PlannedWave, since: number): Generator<Block> {
  const at = { wave: wave.name, since };
  const { waiting, inFlight, healthy } = wave.counts;
  const flying = inFlight + wave.assignments.length;
  const taken = slotsTaken(wave) + wave.assignments.length;
  if (waiting - wave.assignments.length > 0 && taken >= wave.maxConcurrent) {
    yield {
      ...at,
      kind: 'maxConcurrent',
      who: `${taken} in flight, at most ${wave.maxConcurrent}`,
      unblocks: 'one of them is healthy or fails',
    };
  }
  if (flying > 0) {
    yield {
      ...at,
      kind: 'health',
      who: `${flying} in flight`,
      unblocks: 'each reports healthy, or its deadline passes',
    };
  }
  if (wave.soaking)
    yield { ...at, kind: 'soak', who: wave.name, unblocks: 'its targets stay healthy for the soak, or promote' };
  const settled = waiting === 0 && flying === 0;
  if (settled && wave.finishedAt === undefined && healthy < wave.minHealthy) {
    yield {
      ...at,
      kind: 'minHealthy',
      who: `${healthy} healthy, at least ${wave.minHealthy} needed`,
      unblocks: enoughHealthy(wave.counts),
    };
  }
}

/** What has failed or is silent reports healthy no more by itself. */
function enoughHealthy({ failed, silent }: PlannedWave['counts']): string {
  const ways = [
    ...(failed > 0 ? ['retry or skip what failed'] : []),
    ...(silent > 0 ? ['silent clusters connect, or are skipped'] : []),
  ];
  return ways.length === 0 ? 'more targets report healthy' : ways.join('; ');
}

function* windowBlocks(wave: PlannedWave, since: number, { windows, look }: Situation): Generator<Block> {
  const closed = new Set<string>();
  for (const one of wave.observed) {
    if (one.standing !== 'waiting' || windowOpen(one, wave, { windows, look })) continue;
    closed.add(windows.stateFor(one.target, wave.rule.windows).closedBy ?? '');
  }
  for (const who of [...closed].sort()) {
    yield { kind: 'window', who, since, unblocks: 'it opens, or override-window', wave: wave.name };
  }
}

function* clusterBlocks(wave: PlannedWave, since: number): Generator<Block> {
  const named = new Map<BlockKind, number>();
  const last = new Map<BlockKind, Block>();
  for (const one of wave.observed) {
    const block = clusterBlock(one, { wave, since });
    if (block === undefined) continue;
    const count = (named.get(block.kind) ?? 0) + 1;
    named.set(block.kind, count);
    if (count <= NAMED_CLUSTERS) yield block;
    else last.set(block.kind, block);
  }
  for (const [kind, block] of last) {
    const { cluster: _, ...rest } = block;
    yield { ...rest, who: `${(named.get(kind) ?? 0) - NAMED_CLUSTERS} more clusters` };
  }
}

interface Spot {
  readonly wave: PlannedWave;
  readonly since: number;
}

function clusterBlock(one: Observed, spot: Spot): Block | undefined {
  const { target, standing, obstacle, memory } = one;
  const { wave, since } = spot;
  const at = { wave: wave.name, cluster: target.name, who: target.name, since };
  if (standing === 'skipped') return { ...at, ...skippedBy(memory, since), kind: 'skipped' };
  if (standing === 'failed' || standing === 'healthy' || isAssigned(one, wave)) return undefined;
  if (obstacle !== undefined) return OBSTACLES[obstacle](one, at);
  const seen = target.lastSeenAt ?? since;
  return standing === 'unknown' ? { ...at, kind: 'health', since: seen, unblocks: 'a fresh report' } : undefined;
}

function isAssigned({ target }: Observed, wave: PlannedWave): boolean {
  return wave.assignments.length > 0 && wave.assignments.some(({ clusterId }) => clusterId === target.clusterId);
}

function skippedBy({ skipped }: TargetMemory, since: number): Pick<Block, 'who' | 'since' | 'unblocks'> {
  return { who: skipped?.actor ?? '', since: skipped?.at ?? since, unblocks: 'the next release' };
}

type At = Pick<Block, 'wave' | 'cluster' | 'who' | 'since'>;

const OBSTACLES: Readonly<Record<TargetObstacle, (one: Observed, at: At) => Block | undefined>> = {
  away: ({ target }, at) => ({
    ...at,
    kind: 'silent',
    since: target.lastSeenAt ?? at.since,
    unblocks: 'the cluster connects',
  }),
  suspended: ({ target }, at) => {
    const until = new Date(target.suspendedUntil).toISOString();
    return { ...at, kind: 'suspended', unblocks: `resume, or ${until}` };
  },
  dependsOn: (one, at) => ({ ...at, ...dependencyOf(one), kind: 'dependsOn' }),
  deletionApproval: ({ standing }, at) =>
    standing === 'waiting' ? undefined : { ...at, kind: 'deletionApproval', unblocks: 'approve the deletion set' },
};

const DEPENDENCY_WAITS: Readonly<Record<DependencyFact['state'], string>> = {
  ready: 'is ready',
  notTargeted: 'targets this cluster',
  notAllowed: 'is allowed its newest release there',
  notHealthy: 'is healthy there',
};

function dependencyOf({ target }: Observed): Pick<Block, 'who' | 'unblocks'> {
  const waits = target.dependencies.filter(({ state }) => state !== 'ready').sort((a, b) => (a.app < b.app ? -1 : 1));
  const [{ app, state } = { app: '', state: 'ready' as const }] = waits;
  return { who: app, unblocks: `${app} ${DEPENDENCY_WAITS[state]}` };
}

/** When the waves before were done: since then the wave itself is what waits. */
function readySince({ waves, memory }: Situation, wave: PlannedWave): number {
  const before = waves.slice(0, waves.indexOf(wave)).map(({ finishedAt }) => finishedAt ?? 0);
  return Math.max(memory.startedAt, ...before);
}

/** Also of what this plan asks: nothing may happen after it that would make another. */
function* removalBlocks({ look, removals }: Situation): Generator<Block> {
  const planned = new Map(removals.map(({ clusterId, to }) => [clusterId, to]));
  const named = new Map<BlockKind, number>();
  const going = look.facts.targets.filter(({ clusterId, life }) => life !== 'active' || planned.has(clusterId));
  for (const target of going.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const to = planned.get(target.clusterId);
    const since = to === undefined ? target.lifeSince : look.now;
    const block = removalBlock({ ...target, life: to ?? target.life }, since, look);
    if (block === undefined) continue;
    const count = (named.get(block.kind) ?? 0) + 1;
    named.set(block.kind, count);
    if (count <= NAMED_CLUSTERS) yield { ...block, cluster: target.name };
  }
}

/** Whether its newest report came on its present session and speaks of the removal, or of what came after it. */
function isOfRemoval({ observation, allowed, sessionId }: RolloutTarget): boolean {
  if (observation === undefined || allowed === undefined || observation.sessionId !== sessionId) return false;
  return orderVersions(observation.evaluated, allowed.since) >= 0;
}

/** What keeps a target that leaves: a person, a cluster that is away, or an object that will not go. */
function removalBlock(target: RolloutTarget, since: number, look: Look): Omit<Block, 'cluster'> | undefined {
  const { life, name } = target;
  if (life === 'asked') {
    return {
      kind: 'removalApproval',
      who: 'operator',
      since,
      unblocks: 'removal approve, removal orphan, or a revert',
    };
  }
  if (life !== 'pruned' && life !== 'orphaned') return undefined;
  if (!isLive(target, look)) return { kind: 'silent', who: name, since, unblocks: 'the cluster connects' };
  const problem = isOfRemoval(target) ? target.observation?.problem : undefined;
  return problem ? { kind: 'removing', who: name, since, unblocks: problem } : undefined;
}
