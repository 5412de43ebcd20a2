import { coversDeletion, waitingDeletions } from './approve-deletions.js';
import type { ActKind, RolloutFacts, RolloutTarget } from './facts.js';
import { samePart } from './facts.js';
import type { BlockKind, RolloutPlan, WavePlan } from './rollout-plan.js';

/** An act as somebody asks for it. */
export interface ActProposal {
  readonly kind: ActKind;
  readonly wave?: string;
  readonly clusterId?: number;
  readonly deletionSet?: string;
  readonly toReleaseId?: number;
}

/** Whether an act applies now; with the wave it means when none was named, or why not and what to do instead. */
export type ActVerdict =
  | { readonly ok: true; readonly wave?: string }
  | { readonly ok: false; readonly reason: string; readonly hint: string };

const APPLIES: ActVerdict = { ok: true };

/** Judges an act against the plan of this moment. */
export function checkAct(act: ActProposal, plan: RolloutPlan, facts: RolloutFacts): ActVerdict {
  if (act.wave !== undefined && !plan.waves.some((wave) => isNamed(wave, act.wave))) {
    return refuse(`there is no wave ${act.wave}`, `waves: ${plan.waves.map(({ name }) => name).join(', ')}`);
  }
  if (act.clusterId !== undefined && !facts.targets.some(({ clusterId }) => clusterId === act.clusterId)) {
    return refuse(`${facts.app} does not target that cluster`, `flotilla get targets --app ${facts.app}`);
  }
  return CHECKS[act.kind](act, plan, facts);
}

type Check = (act: ActProposal, plan: RolloutPlan, facts: RolloutFacts) => ActVerdict;

const CHECKS: Readonly<Record<ActKind, Check>> = {
  approve: unlessHeld((act, plan) => blockedWave(act, plan, 'approval')),
  overrideWindow: unlessHeld((act, plan) => blockedWave(act, plan, 'window')),
  pause: (_, plan) => {
    if (plan.memory.paused) return refuse('it is paused already', 'resume lets it go on');
    return plan.rolloutState === 'running'
      ? APPLIES
      : refuse(`it is ${plan.rolloutState}`, 'only a running rollout can be paused');
  },
  resume: (_, plan) => (plan.memory.paused ? APPLIES : refuse('it is not paused', 'pause stops a running rollout')),
  promote: unlessHeld(promote),
  retry: unlessHeld(retry),
  skip,
  abort: (_, plan) =>
    isEnded(plan)
      ? refuse(`it is ${plan.rolloutState}`, 'hold forbids the release; rollback returns from it')
      : APPLIES,
  rollback,
  hold: (_, plan) => (plan.memory.hold ? refuse('the release is held already', 'clear lets it go on') : APPLIES),
  clear: (_, plan) =>
    plan.memory.hold ? APPLIES : refuse('the release is not held', 'hold, abort and rollback hold a release'),
  approveDeletion,
  approveRemoval: (act, _, facts) => removal(act, facts, ['asked', 'orphaned']),
  orphanRemoval: (act, _, facts) => removal(act, facts, ['asked', 'pruned']),
  cancelRemoval: (act, _, facts) => removal(act, facts, ['pruned', 'orphaned']),
  suspendApp: () => APPLIES,
  resumeApp: (act, _, facts) =>
    concerned(act, facts).some(({ suspendedUntil }) => suspendedUntil > 0)
      ? APPLIES
      : refuse('it is not suspended', 'flotilla get targets shows what is'),
};

/** Clearing a hold starts the release over: what is said about its waves before that would be lost. */
function unlessHeld(check: Check): Check {
  return (act, plan, facts) =>
    plan.memory.hold
      ? refuse('the release is held', 'clear lets it go on, from its first wave')
      : check(act, plan, facts);
}

function refuse(reason: string, hint: string): ActVerdict {
  return { ok: false, reason, hint };
}

function isNamed(wave: WavePlan, name: string | undefined): boolean {
  return wave.name === name || (wave.noCanary && wave.name === `${name ?? ''}:first`);
}

function isEnded(plan: RolloutPlan): boolean {
  return plan.rolloutState === 'done' || plan.rolloutState === 'aborted' || plan.rolloutState === 'rolledBack';
}

const NOT_BLOCKED: Readonly<Record<'approval' | 'window', string>> = {
  approval: 'no approval is waited for',
  window: 'no window keeps it waiting',
};

/** The wave that was named, or the first that is blocked in this way. The lone target's wave goes by its base's name. */
function blockedWave(act: ActProposal, plan: RolloutPlan, kind: BlockKind & ('approval' | 'window')): ActVerdict {
  const blocked = plan.blockedBy.filter((block) => block.kind === kind).map(({ wave = '' }) => baseOf(wave, plan));
  const wave = act.wave === undefined ? blocked[0] : blocked.find((name) => name === act.wave);
  if (wave !== undefined) return { ok: true, wave };
  const hint =
    blocked.length === 0 ? 'flotilla rollout status shows what it waits for' : `waiting: ${blocked.join(', ')}`;
  return refuse(act.wave === undefined ? NOT_BLOCKED[kind] : `wave ${act.wave}: ${NOT_BLOCKED[kind]}`, hint);
}

function baseOf(name: string, plan: RolloutPlan): string {
  const lone = plan.waves.find((wave) => wave.name === name)?.noCanary;
  return lone ? name.replace(/:first$/, '') : name;
}

function promote(act: ActProposal, plan: RolloutPlan): ActVerdict {
  const open = plan.waves.filter(({ phase }) => phase === 'soaking' || phase === 'running');
  const wave = act.wave === undefined ? open[0] : open.find((each) => isNamed(each, act.wave));
  if (wave === undefined)
    return refuse('no wave soaks or waits', 'promote ends the soak or the wait of a started wave');
  const { waiting, inFlight, healthy } = wave.counts;
  if (waiting + inFlight === 0 && healthy < wave.minHealthy) {
    const reason = `${healthy} of wave ${wave.name} are seen healthy, at least ${wave.minHealthy} must be`;
    return refuse(reason, 'skip, or retry, the targets that are not');
  }
  return { ok: true, wave: wave.name };
}

function retry(act: ActProposal, plan: RolloutPlan): ActVerdict {
  const inWave = new Set(
    plan.waves.filter((each) => act.wave === undefined || isNamed(each, act.wave)).flatMap((w) => w.clusterIds),
  );
  const failed = Object.entries(plan.memory.targets).filter(([id, { failed: why }]) => why && inWave.has(Number(id)));
  const wanted = failed.filter(([id]) => act.clusterId === undefined || act.clusterId === Number(id));
  return wanted.length > 0 ? APPLIES : refuse('no such target has failed', 'retry is for failed targets');
}

function skip(act: ActProposal, plan: RolloutPlan, facts: RolloutFacts): ActVerdict {
  const { clusterId } = act;
  if (clusterId === undefined) return refuse('a cluster must be named', 'skip is for one cluster at a time');
  const wave = plan.waves.find(({ clusterIds }) => clusterIds.includes(clusterId));
  if (wave === undefined)
    return refuse('that cluster has nothing to get in this rollout', 'it keeps what it has anyway');
  if (plan.memory.targets[clusterId]?.skipped)
    return refuse('it is skipped already', 'the next release is offered to it');
  if (wave.finishedAt !== undefined && hasPassed(clusterId, plan, facts))
    return refuse('it runs the release already', 'rollback returns from it');
  return APPLIES;
}

function hasPassed(clusterId: number, plan: RolloutPlan, facts: RolloutFacts): boolean {
  const target = facts.targets.find((each) => each.clusterId === clusterId);
  const { failed, clock } = plan.memory.targets[clusterId] ?? {};
  return failed === undefined && clock === undefined && samePart(target?.allowed, target?.desired);
}

function rollback(act: ActProposal, plan: RolloutPlan, facts: RolloutFacts): ActVerdict {
  if (act.toReleaseId === facts.release.id) return refuse('that is the newest release', 'name an earlier one');
  if (isReturned(act, plan)) return refuse('it is rolled back already', 'clear lets the release go on');
  const moved = facts.targets.some(({ allowed }) => allowed?.releaseId === facts.release.id);
  if (act.toReleaseId !== undefined || plan.memory.rollback !== undefined || moved) return APPLIES;
  return refuse('nothing has moved to this release', 'hold forbids it');
}

/** The same rollback again; one to another release, or of more waves than the strategy returned, is another. */
function isReturned(act: ActProposal, { memory }: RolloutPlan): boolean {
  const { rollback, waves } = memory;
  if (rollback === undefined || rollback.toReleaseId !== act.toReleaseId) return false;
  return act.toReleaseId !== undefined || waves.every(({ name }) => rollback.waves.includes(name));
}

function approveDeletion(act: ActProposal, plan: RolloutPlan, facts: RolloutFacts): ActVerdict {
  const { deletionSet } = act;
  const waiting = facts.targets.filter((target) => waitingDeletions(target) === deletionSet);
  const waits = waiting.some(
    (target) =>
      deletionSet !== undefined &&
      !target.approvedDeletions.includes(deletionSet) &&
      !coversDeletion(plan.memory, deletionSet, target) &&
      !plan.deletions.some(({ clusterId }) => clusterId === target.clusterId),
  );
  return waits ? APPLIES : refuse('no target waits for that deletion set', 'flotilla get approvals');
}

function removal(act: ActProposal, facts: RolloutFacts, from: readonly string[]): ActVerdict {
  if (concerned(act, facts).some(({ life }) => from.includes(life))) return APPLIES;
  return refuse(`no removal is ${from.join(' or ')}`, `flotilla removal list ${facts.app}`);
}

/** The target that was named, or all of the app. */
function concerned({ clusterId }: ActProposal, { targets }: RolloutFacts): readonly RolloutTarget[] {
  return targets.filter((target) => clusterId === undefined || clusterId === target.clusterId);
}
