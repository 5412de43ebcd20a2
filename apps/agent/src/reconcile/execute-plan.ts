import type { ApplyPlan, ApplyStep, ObjectApply, OrderPlace } from '@flotilla/domain';
import { OWNER_LABEL, escapePointer, orderPlaces } from '@flotilla/domain';
import { isApiFault } from '@flotilla/kube';
import { ClaimConflict, applyObject } from './apply-object.js';
import { describeFault } from './describe-fault.js';
import type { Execution } from './execution.js';
import { holdBack } from './execution.js';
import { readObject } from './read-objects.js';
import { preflight } from './preflight.js';
import { instantOf } from './reconciler.port.js';
import type { TrackedObject } from './tracked-object.js';
import { noteHeal } from './note-drift.js';

/** Runs the steps of a plan. Steps of equal place run at once; one that fails stops nobody else. True when anything was done. */
export async function executePlan(execution: Execution, plan: ApplyPlan): Promise<boolean> {
  let did = false;
  let tried: number | undefined;
  for (const group of groupSteps(plan.steps)) {
    if (execution.signal.aborted) return did;
    const phase = phaseOf(group[0]);
    if (phase !== undefined && phase !== tried)
      await preflight(
        execution,
        plan.steps.filter((step) => phaseOf(step) === phase),
      );
    tried = phase ?? tried;
    const outcomes = await untilAborted(execution, Promise.all(group.map((step) => runStep(execution, step))));
    did = did || outcomes.includes(true);
  }
  return did;
}

function phaseOf(step: ApplyStep | undefined): number | undefined {
  return step?.do === 'apply' ? step.place.phase : undefined;
}

/** A write that hangs does not keep the newer desired state waiting; it ends by itself. */
async function untilAborted({ signal, landed }: Execution, outcomes: Promise<boolean[]>): Promise<boolean[]> {
  if (signal.aborted) return [];
  let abort = (): void => undefined;
  const aborted = new Promise<boolean[]>((resolve) => (abort = () => resolve([])));
  signal.addEventListener('abort', abort);
  void outcomes.then(() => (signal.aborted ? landed() : undefined));
  return Promise.race([outcomes, aborted]).finally(() => signal.removeEventListener('abort', abort));
}

function groupSteps(steps: readonly ApplyStep[]): ApplyStep[][] {
  const groups: ApplyStep[][] = [];
  let place: OrderPlace | undefined;
  for (const step of steps) {
    const own = step.do === 'apply' ? step.place : undefined;
    const last = groups.at(-1);
    const isSame =
      last?.[0]?.do === step.do && (own === undefined || (place !== undefined && orderPlaces(own, place) === 0));
    if (isSame) last?.push(step);
    else groups.push([step]);
    place = own;
  }
  return groups;
}

async function runStep(execution: Execution, step: ApplyStep): Promise<boolean> {
  const { context, state, signal } = execution;
  const tracked = state.track(step.ref);
  if (tracked.retryAt > context.clock.monotonic()) return false;
  await tracked.writing;
  const write = context.calls.run(async () => !signal.aborted && (await attempt(execution, tracked, step)));
  tracked.writing = write.then(() => undefined);
  const did = await write;
  tracked.writing = undefined;
  takeMissed(execution, tracked);
  return did;
}

/** What the watch told while the write ran is judged against the new baseline. */
function takeMissed({ context, state }: Execution, tracked: TrackedObject): void {
  const { missed } = tracked;
  tracked.missed = undefined;
  if (missed !== undefined) state.observe(tracked, missed, instantOf(context.clock));
}

async function attempt(execution: Execution, tracked: TrackedObject, step: ApplyStep): Promise<boolean> {
  try {
    const did = await perform(execution, tracked, step);
    if (did) tracked.problem = undefined;
    if (did) tracked.attempts = 0;
    return did;
  } catch (error) {
    const problem = error instanceof ClaimConflict ? error.problem : describeFault(tracked.ref, error);
    holdBack(execution, tracked, { problem, waitMs: isApiFault(error) ? error.retryAfterMs : undefined });
    return false;
  }
}

function perform(execution: Execution, tracked: TrackedObject, step: ApplyStep): Promise<boolean> {
  switch (step.do) {
    case 'apply':
      return apply(execution, tracked, step);
    case 'release':
      return release(execution, tracked, step.to);
    case 'prune':
      return prune(execution, tracked, step);
    case 'forget':
      return Promise.resolve(forget(execution, tracked));
  }
}

async function apply(
  execution: Execution,
  tracked: TrackedObject,
  step: Extract<ApplyStep, { do: 'apply' }>,
): Promise<boolean> {
  const { context, state } = execution;
  const address = state.addressOf(tracked);
  const wanted = step.again === true ? state.inForce(tracked) : tracked.wanted;
  if (address === undefined || wanted === undefined || isUnjudged(tracked, step)) return false;
  if (!noteHeal(context, tracked, step.why)) return false;
  const outcome = await applyObject(context, { state, tracked, wanted, address, why: step.why });
  if (outcome.did === 'replaced') {
    tracked.live = undefined;
    return true;
  }
  tracked.changedAt = context.clock.monotonic();
  state.applied(tracked, outcome.object, wanted);
  tracked.live = undefined;
  state.observe(tracked, outcome.object, instantOf(context.clock));
  void context.watches.ensure(address.type);
  tracked.drift = undefined;
  if (step.why === 'adopt')
    context.events.event({ type: 'adopted', app: state.app, ref: tracked.ref, from: outcome.from });
  context.events.event({ type: 'applied', app: state.app, ref: tracked.ref, reason: step.why });
  return true;
}

/** What is to be changed or dropped is healed when a dry-run has shown the difference: the new may be written already. */
function isUnjudged({ wanted, before, entry, drift }: TrackedObject, { again }: ObjectApply): boolean {
  return (
    again === true && before?.digest === entry?.applied && wanted?.digest !== entry?.applied && drift === undefined
  );
}

async function release(execution: Execution, tracked: TrackedObject, to: string): Promise<boolean> {
  const { context, state } = execution;
  const address = state.addressOf(tracked);
  const { live } = tracked;
  if (address === undefined || live?.state !== 'present') return false;
  if (live.app === state.app) {
    const patch = [
      { op: 'test', path: '/metadata/resourceVersion', value: live.resourceVersion },
      { op: 'remove', path: `/metadata/labels/${escapePointer(OWNER_LABEL)}` },
    ];
    await context.client.patch(address, patch, { type: 'json', impersonate: state.account });
  }
  state.forget(tracked);
  context.events.event({ type: 'released', app: state.app, ref: tracked.ref, to });
  if (to !== '') context.cluster.poke(to);
  return true;
}

async function prune(
  execution: Execution,
  tracked: TrackedObject,
  step: Extract<ApplyStep, { do: 'prune' }>,
): Promise<boolean> {
  const { context, state } = execution;
  const address = state.addressOf(tracked);
  if (address === undefined) return false;
  const { uid, resourceVersion } = step;
  try {
    await context.client.delete(address, { uid, resourceVersion, impersonate: state.account });
    context.events.event({ type: 'pruned', app: state.app, ref: tracked.ref, uid });
  } catch (error) {
    if (!isApiFault(error, 'NotFound', 'Conflict')) throw error;
  }
  await readObject(context, state, tracked);
  return true;
}

function forget({ context, state }: Execution, tracked: TrackedObject): boolean {
  state.forget(tracked);
  context.events.event({ type: 'forgotten', app: state.app, ref: tracked.ref });
  return true;
}
