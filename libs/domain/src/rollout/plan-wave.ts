import { concurrencyOf, failuresOf, minHealthyOf } from './amounts.js';
import type { ArrangedWave } from './arrange-waves.js';
import type { RolloutTarget } from './facts.js';
import type { Look } from './look.js';
import { obstacleOf } from './look.js';
import type { RolloutMemory, WaveMemory } from './memory.js';
import type { Observed } from './observe-target.js';
import { observeTarget } from './observe-target.js';
import type { PlannedAssignment, RolloutStep, TargetStanding } from './rollout-plan.js';
import type { WindowBook } from './window-open.js';

export type Counts = Readonly<Record<TargetStanding, number>>;

/** A wave as a plan makes it: first observed, then taken a step further. */
export interface PlannedWave extends ArrangedWave {
  readonly observed: readonly Observed[];
  readonly counts: Counts;
  readonly maxConcurrent: number;
  readonly maxFailures: number;
  readonly minHealthy: number;
  /** Of a started wave, with what this plan changes. */
  readonly memory: WaveMemory | undefined;
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  /** Nothing but time or a person keeps it from being done. */
  readonly soaking: boolean;
  readonly assignments: readonly PlannedAssignment[];
  /** Targets of a done wave that need not be remembered. */
  readonly settled: readonly number[];
  readonly steps: readonly RolloutStep[];
}

export function observeWave(wave: ArrangedWave, look: Look): PlannedWave {
  const { started } = wave;
  const observed = wave.members.map((target) =>
    started ? observeTarget(target, started, look) : waitingFor(target, look),
  );
  const counts = countStandings(observed);
  const size = wave.members.length;
  return {
    ...wave,
    observed,
    counts,
    maxConcurrent: concurrencyOf(wave.rule.maxConcurrent, size),
    maxFailures: failuresOf(wave.rule.maxFailures, size),
    minHealthy: size === counts.skipped ? 0 : minHealthyOf(wave.rule.minHealthy, size - counts.skipped),
    memory: started,
    startedAt: started?.startedAt,
    finishedAt: started?.finishedAt,
    soaking: false,
    assignments: [],
    settled: [],
    steps: [],
  };
}

/** A target of a wave that has not started: only its being skipped is known. */
function waitingFor(target: RolloutTarget, look: Look): Observed {
  const memory = look.memory.targets[target.clusterId] ?? {};
  const standing = memory.skipped ? 'skipped' : 'waiting';
  const obstacle = obstacleOf(target, look);
  const none = { soakedMs: 0, deadlineInMs: undefined, failure: undefined, becameHealthy: false };
  return { target, standing, moved: false, obstacle, ...none, memory };
}

export function countStandings(observed: readonly Observed[]): Counts {
  const counts = { waiting: 0, inFlight: 0, healthy: 0, unknown: 0, silent: 0, failed: 0, skipped: 0 };
  for (const { standing } of observed) counts[standing] += 1;
  return counts;
}

export function isOverBudget(wave: Pick<PlannedWave, 'counts' | 'maxFailures'>): boolean {
  return wave.counts.failed > wave.maxFailures;
}

export interface WaveCourse {
  readonly look: Look;
  readonly windows: WindowBook;
  /** Nothing new may start. */
  readonly stop: boolean;
  readonly earlierDone: boolean;
}

/** Starts, fills or finishes a wave, as far as entry, limits and evidence allow. */
export function planWave(wave: PlannedWave, course: WaveCourse): PlannedWave {
  if (wave.members.length === 0) return wave;
  const entered = enter(wave, course);
  if (entered.memory === undefined) return entered;
  return fill(finish(entered, course), course);
}

function enter(wave: PlannedWave, course: WaveCourse): PlannedWave {
  const { look, earlierDone, stop } = course;
  if (wave.memory !== undefined) return takeInLatecomers(wave);
  const open =
    wave.counts.skipped === wave.members.length || wave.observed.some((one) => windowOpen(one, wave, course));
  if (!earlierDone || stop || !isApproved(wave, look.memory) || !open) return wave;
  const { name, base, lone, rule } = wave;
  const memory: WaveMemory = { name, base, lone, rule, startedAt: look.now, targets: idsOf(wave) };
  const observed = wave.members.map((target) => observeTarget(target, memory, look));
  const count = `${wave.members.length} ${wave.members.length === 1 ? 'target' : 'targets'}`;
  const steps: RolloutStep[] = [{ kind: 'waveStarted', wave: name, message: count }];
  return { ...wave, memory, startedAt: look.now, observed, counts: countStandings(observed), steps };
}

function takeInLatecomers(wave: PlannedWave): PlannedWave {
  const { memory } = wave;
  const ids = idsOf(wave);
  if (
    memory === undefined ||
    (ids.length === memory.targets.length && ids.every((id, i) => id === memory.targets[i]))
  ) {
    return wave;
  }
  return { ...wave, memory: { ...memory, targets: ids } };
}

function idsOf(wave: PlannedWave): number[] {
  return wave.members.map(({ clusterId }) => clusterId).sort((a, b) => a - b);
}

/** Approved by the wave's own name, or each wave whose approval came to it was. */
export function isApproved(wave: Pick<PlannedWave, 'base' | 'approvals'>, memory: RolloutMemory): boolean {
  return (
    memory.approvals[wave.base] !== undefined || wave.approvals.every((name) => memory.approvals[name] !== undefined)
  );
}

export function windowOpen(
  one: Observed,
  wave: PlannedWave,
  { windows, look: { memory } }: Pick<WaveCourse, 'windows' | 'look'>,
): boolean {
  if (memory.windowOverrides[wave.base] !== undefined) return true;
  return windows.stateFor(one.target, wave.rule.windows).closedBy === undefined;
}

/** Done: every target healthy and soaked, failed within the budget, skipped or let go, and enough of them healthy. */
function finish(wave: PlannedWave, course: WaveCourse): PlannedWave {
  const { look } = course;
  if (wave.finishedAt !== undefined || wave.memory === undefined || look.facts.hub.isolatedSince !== undefined)
    return wave;
  const promoted = look.memory.promoted[wave.name] !== undefined;
  const passed = wave.observed.every((one) => hasPassed(one, wave, promoted)) && !isOverBudget(wave);
  const soaking = passed && wave.counts.healthy >= wave.minHealthy;
  const soaked =
    promoted || wave.observed.every((one) => one.standing !== 'healthy' || one.soakedMs >= wave.rule.soakMs);
  if (!soaking || !soaked) return { ...wave, soaking };
  const steps: RolloutStep[] = [
    ...wave.steps,
    { kind: 'waveDone', wave: wave.name, message: `${wave.counts.healthy} healthy` },
  ];
  const settled = wave.observed.filter(({ standing }) => standing === 'healthy').map(({ target }) => target.clusterId);
  const memory = { ...wave.memory, finishedAt: look.now, soakedMs: leastSoak(wave.observed) };
  return { ...wave, memory, finishedAt: look.now, settled, steps };
}

/** The least healthy time of those that must be healthy; 0 while one of them is not. */
export function leastSoak(observed: readonly Observed[]): number {
  let least = Infinity;
  for (const { standing, soakedMs } of observed) {
    if (standing === 'healthy') least = Math.min(least, soakedMs);
    else if (standing !== 'failed' && standing !== 'skipped' && standing !== 'silent') return 0;
  }
  return least === Infinity ? 0 : least;
}

function hasPassed({ standing }: Observed, wave: PlannedWave, promoted: boolean): boolean {
  switch (standing) {
    case 'healthy':
    case 'failed':
    case 'skipped':
      return true;
    case 'silent':
      return promoted || wave.rule.offline === 'catchUp';
    case 'waiting':
    case 'inFlight':
    case 'unknown':
      return false;
  }
}

/** Assigns what the limit leaves room for, in the order of names. */
function fill(wave: PlannedWave, course: WaveCourse): PlannedWave {
  if (course.stop || isOverBudget(wave)) return wave;
  const room = wave.maxConcurrent - slotsTaken(wave);
  if (room <= 0) return wave;
  const { id: releaseId } = course.look.facts.release;
  const assignments: PlannedAssignment[] = [];
  const steps: RolloutStep[] = [...wave.steps];
  for (const one of wave.observed) {
    if (assignments.length >= room) break;
    if (!mayStart(one) || !windowOpen(one, wave, course)) continue;
    const { clusterId, desired } = one.target;
    if (desired === undefined) continue;
    assignments.push({ clusterId, bundle: desired.bundle, policy: desired.policy, releaseId });
    steps.push({ kind: 'assigned', wave: wave.name, clusterId, message: '' });
  }
  return { ...wave, assignments, steps };
}

/** Who is on its way, also under `offline: wait` a silent one: nobody else may have its slot. */
export function slotsTaken({ observed, rule, counts }: PlannedWave): number {
  if (rule.offline !== 'wait' || counts.silent === 0) return counts.inFlight;
  const lost = observed.filter(({ standing, moved, memory }) => {
    return standing === 'silent' && moved && memory.soak === undefined;
  });
  return counts.inFlight + lost.length;
}

/** A deletion set that waits belongs to what the target runs now; the new part has one of its own. */
function mayStart({ standing, obstacle }: Observed): boolean {
  return standing === 'waiting' && (obstacle === undefined || obstacle === 'deletionApproval');
}
