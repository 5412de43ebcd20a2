import { samePart } from './facts.js';
import type { RolloutFacts, RolloutTarget } from './facts.js';
import { approveDeletions, useApprovals } from './approve-deletions.js';
import { arrangeWaves, isChanged } from './arrange-waves.js';
import { explainBlocks } from './explain-blocks.js';
import type { Folded } from './fold-acts.js';
import { foldActs, startOver } from './fold-acts.js';
import type { Look } from './look.js';
import { takeLook } from './look.js';
import type { RolloutMemory, TargetMemory } from './memory.js';
import { startMemory } from './memory.js';
import { nextLook } from './next-look.js';
import { noteFailures, noteHealthy } from './note-evidence.js';
import type { PlannedWave } from './plan-wave.js';
import { isOverBudget, observeWave, planWave } from './plan-wave.js';
import { planRemovals } from './plan-removals.js';
import { renderSteps } from './render-steps.js';
import type { PlannedAssignment, RolloutPlan, RolloutState } from './rollout-plan.js';
import { summarizeWave } from './summarize-wave.js';
import { heldBefore, rememberWaysBack, waysBackOf } from './ways-back.js';
import { WindowBook } from './window-open.js';

/**
 * Decides what one app's targets may run now: the next assignments of the release within waves, limits and evidence;
 * failures, and what follows from them; and the reason for everything that does not happen.
 *
 * Pure: the same facts give the same plan, whatever the order of lists; planning again on facts in which the plan was
 * carried out adds nothing.
 * @param now unix ms by the database's clock
 */
export function planRollout(given: RolloutFacts, now: number): RolloutPlan {
  const folded = recall(given, now);
  const facts = forget(given, folded.retries);
  const look = takeLook(facts, folded.memory, now);
  const windows = new WindowBook(facts, now);
  const waves = advance(look, windows);
  const answered = answerFailure(look, waves);
  const rollbacks = facts.hub.isolatedSince === undefined ? planRollbacks(facts, answered) : [];
  const assignments = waves.flatMap((wave) => wave.assignments);
  const deletions = approveDeletions(facts, answered, [...assignments, ...rollbacks]);
  const memory = handOn({ look, memory: useApprovals(answered, deletions), waves, assignments, rollbacks });
  const state = stateOf(memory, waves);
  const settled = rememberState(memory, state, now);
  const removals = planRemovals(facts.targets, {
    acts: folded.taken,
    mayJudge: look.mayJudge,
    ...(facts.departures && { departures: facts.departures }),
  });
  const blockedBy = explainBlocks({ look, waves, windows, memory: settled, removals });
  return {
    assignments,
    failures: noteFailures(waves),
    seenHealthy: noteHealthy(waves),
    rollbacks,
    retries: folded.retries,
    deletions,
    removals,
    holds: memory.hold === undefined ? [] : [{ releaseId: facts.release.id, reason: memory.hold.reason }],
    waves: waves.map((wave) => summarizeWave(wave)),
    rolloutState: state,
    blockedBy,
    steps: renderSteps({ folded, waves, rollbacks, memory: settled, facts }),
    nextLookAt: nextLook({ look, waves, windows, waits: state !== 'done' || blockedBy.length > 0 }),
    memory: settled,
  };
}

/** The memory of the last plan with new acts taken in. A finished release whose parts changed goes through its waves anew. */
function recall(facts: RolloutFacts, now: number): Folded {
  const last = facts.memory?.releaseId === facts.release.id ? facts.memory : undefined;
  const folded = foldActs(last ?? inherit(facts, now), facts);
  const { memory } = folded;
  const again = memory.doneAt !== undefined && memory.hold === undefined && hasChangedAgain(facts);
  return again ? { ...folded, memory: { ...startOver(memory, now), waysBack: [] } } : folded;
}

/** Whether what runs the release should run another part of it. */
function hasChangedAgain({ targets, release }: RolloutFacts): boolean {
  return targets.some(
    (target) => target.sessionId !== undefined && target.allowed?.releaseId === release.id && isChanged(target),
  );
}

/** What was observed before a retry is no evidence after it. */
function forget(facts: RolloutFacts, retries: readonly number[]): RolloutFacts {
  if (retries.length === 0) return facts;
  const again = new Set(retries);
  const targets = facts.targets.map((target) =>
    again.has(target.clusterId) ? { ...target, observation: undefined } : target,
  );
  return { ...facts, targets };
}

/** A newer release replaces the rollout; a pause of the app outlives it until somebody resumes. */
function inherit(facts: RolloutFacts, now: number): RolloutMemory {
  const fresh = { ...startMemory(facts.release.id, now, facts.hub.clock), held: heldBefore(facts) };
  return facts.memory?.paused === undefined ? fresh : { ...fresh, paused: facts.memory.paused };
}

/** Observes every target of started waves, then takes each wave as far as it may go. */
function advance(look: Look, windows: WindowBook): PlannedWave[] {
  const observed = arrangeWaves(look.facts, look.memory).map((wave) => observeWave(wave, look));
  const stop = mustStop(look, observed);
  const waves: PlannedWave[] = [];
  for (const wave of observed) {
    const earlierDone = waves.every((earlier) => earlier.members.length === 0 || earlier.finishedAt !== undefined);
    waves.push(planWave(wave, { look, windows, stop, earlierDone }));
  }
  return waves.some((wave) => isOverBudget(wave)) ? waves.map((wave) => withhold(wave)) : waves;
}

/** Whether nothing new may start anywhere. */
function mustStop({ memory, facts }: Look, waves: readonly PlannedWave[]): boolean {
  const byHand = memory.paused !== undefined || memory.hold !== undefined || memory.aborted !== undefined;
  return byHand || facts.hub.isolatedSince !== undefined || waves.some((wave) => isOverBudget(wave));
}

/** A wave that was entered may be over its budget at once: then nothing is assigned in any. */
function withhold(wave: PlannedWave): PlannedWave {
  if (wave.assignments.length === 0) return wave;
  return { ...wave, assignments: [], steps: wave.steps.filter(({ kind }) => kind !== 'assigned') };
}

/**
 * A budget that is exceeded leads to what the strategy says. A latecomer that fails in a wave that was done halts only:
 * those that passed it with the release are not to blame.
 */
function answerFailure(look: Look, waves: readonly PlannedWave[]): RolloutMemory {
  const { memory, now } = look;
  const wave = waves.find((each) => isOverBudget(each) && each.finishedAt === undefined);
  if (!look.mayJudge || memory.rollback || memory.hold || wave?.rule.onFailure.do !== 'rollback') return memory;
  const all = waves.flatMap((each) => (each.memory ? [each.name] : []));
  const reason = `${wave.counts.failed} failed in wave ${wave.name}, budget ${wave.maxFailures}`;
  const note = { actor: 'rollout', reason, at: now };
  const scope = wave.rule.onFailure.scope === 'all' ? all : [wave.name];
  return { ...memory, hold: note, rollback: { ...note, waves: scope } };
}

/** Moved targets return to what was proven on them before, or every target to the release that was named. */
function planRollbacks(facts: RolloutFacts, memory: RolloutMemory): PlannedAssignment[] {
  const { rollback } = memory;
  if (rollback === undefined) return [];
  const named = rollback.toReleaseId !== undefined;
  const back = named ? facts.returnTo : waysBackOf(memory, rollback.waves);
  const planned: PlannedAssignment[] = [];
  for (const target of facts.targets) {
    const part = back?.[target.clusterId];
    if (part === undefined || samePart(target.allowed, part)) continue;
    const moved = named || samePart(target.allowed, target.desired);
    if (moved && mayReturn(target, memory)) planned.push({ clusterId: target.clusterId, ...part });
  }
  return planned.sort((a, b) => a.clusterId - b.clusterId);
}

function mayReturn({ life, clusterId }: RolloutTarget, memory: RolloutMemory): boolean {
  return life === 'active' && memory.targets[clusterId]?.skipped === undefined;
}

interface Outcome {
  readonly look: Look;
  readonly memory: RolloutMemory;
  readonly waves: readonly PlannedWave[];
  readonly assignments: readonly PlannedAssignment[];
  readonly rollbacks: readonly PlannedAssignment[];
}

function handOn({ look, memory, waves, assignments, rollbacks }: Outcome): RolloutMemory {
  return {
    ...memory,
    looked: look.facts.hub.clock,
    observedMs: look.observedMs,
    waves: startedWaves(memory, waves),
    targets: forgetReturned(rememberTargets(look, memory, waves), rollbacks),
    waysBack: rememberWaysBack(look.facts.targets, memory, assignments),
  };
}

function rememberTargets(look: Look, memory: RolloutMemory, waves: readonly PlannedWave[]): RolloutMemory['targets'] {
  const targets: Record<number, TargetMemory> = {};
  for (const wave of waves) {
    for (const { target, memory: own } of wave.observed) {
      if (own.clock ?? own.soak ?? own.failed) targets[target.clusterId] = own;
    }
    for (const { clusterId } of wave.assignments)
      targets[clusterId] = { clock: { bankedMs: 0, since: look.observedMs } };
    for (const id of wave.settled) delete targets[id];
  }
  for (const [id, own] of Object.entries(memory.targets)) if (own.skipped) targets[Number(id)] = own;
  return targets;
}

/** A target that returns is on its way no more; why it failed, or who skipped it, stays. */
function forgetReturned(
  remembered: RolloutMemory['targets'],
  rollbacks: readonly PlannedAssignment[],
): RolloutMemory['targets'] {
  if (rollbacks.length === 0) return remembered;
  const targets = { ...remembered };
  for (const { clusterId } of rollbacks) {
    const { failed, skipped } = targets[clusterId] ?? {};
    if (failed === undefined && skipped === undefined) delete targets[clusterId];
  }
  return targets;
}

function startedWaves(memory: RolloutMemory, waves: readonly PlannedWave[]): RolloutMemory['waves'] {
  const known = memory.waves.map(({ name }) => name);
  const order = (name: string): number => (known.includes(name) ? known.indexOf(name) : known.length);
  const started = waves.flatMap((wave) => (wave.memory ? [wave.memory] : []));
  return started.sort((a, b) => order(a.name) - order(b.name));
}

function stateOf(memory: RolloutMemory, waves: readonly PlannedWave[]): RolloutState {
  if (memory.aborted) return 'aborted';
  if (memory.rollback) return 'rolledBack';
  if (memory.hold) return 'held';
  if (waves.some((wave) => isOverBudget(wave))) return 'halted';
  if (waves.every((wave) => wave.members.length === 0 || isOver(wave))) return 'done';
  return memory.paused ? 'paused' : 'running';
}

/** Done, and no latecomer of it is on its way. */
function isOver(wave: PlannedWave): boolean {
  const { counts } = wave;
  return (
    wave.finishedAt !== undefined && counts.waiting === 0 && counts.inFlight === 0 && wave.assignments.length === 0
  );
}

/** Since when it is done or halted; forgotten when it is so no longer. */
function rememberState(memory: RolloutMemory, state: RolloutState, now: number): RolloutMemory {
  const { doneAt = now, haltedAt = now, ...rest } = memory;
  if (state === 'done') return { ...rest, doneAt };
  return state === 'halted' ? { ...rest, haltedAt } : rest;
}
