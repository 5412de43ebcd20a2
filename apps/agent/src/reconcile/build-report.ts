import type {
  AppPhase,
  AppReport,
  ApplyPlan,
  ApplyWait,
  DriftEntry,
  Health,
  ObjectProblem,
  ObservedPlan,
  WaitCode,
  WorkloadReason,
} from '@flotilla/domain';
import { NOT_OBSERVED, printRef, refKey, summarizePlan } from '@flotilla/domain';
import type { AppState } from './app-state.js';
import type { DriftLog } from './drift-log.js';
import type { Obstacle } from './find-obstacles.js';
import type { TrackedObject } from './tracked-object.js';

const MAX_LISTED = 20;
/** Of an observed app people want to see all; the size of the report is the limit. */
const MAX_OBSERVED = 200;

/** What the last pass came to, beside what is known of each object. */
export interface PassFacts {
  readonly plan: ApplyPlan | undefined;
  readonly suspended: boolean;
  /** The app that has to be healthy first. */
  readonly waitsFor: string | undefined;
  readonly healthyForMs: number;
  readonly lossCount: number;
  readonly writes: number;
  readonly drifts: DriftLog;
  readonly reasons: ReadonlyMap<string, WorkloadReason>;
  /** What a deletion that waits for its approval would take along. */
  readonly obstacles: readonly Obstacle[];
  /** What carries the app's marks and cannot be proven to be its own, when that keeps its removal. */
  readonly strays: string;
}

type Digests = Pick<AppReport, 'appliedBundle' | 'appliedPolicy' | 'attemptedBundle' | 'attemptedPolicy'>;

/** The report of an app as of now. Lists are cut, counts are whole. */
export function buildReport(state: AppState, facts: PassFacts): AppReport {
  const objects = [...state.tracked.values()].filter(
    ({ wanted, entry }) => wanted !== undefined || entry !== undefined,
  );
  const wanted = objects.filter((tracked) => tracked.wanted !== undefined);
  const failedFast = isFailed(state, wanted, facts);
  const health = failedFast ? 'failed' : overallHealth(wanted, facts.plan);
  const drifts = facts.drifts.items().map((drift) => ({ ...drift, left: leftOf(state, drift, facts) }));
  const phase = phaseOf(state, facts);
  const isObserved = phase === 'observed';
  const problems = [...lossesOf(state, facts), ...listProblems(objects, facts)];
  return {
    app: state.app,
    evaluated: state.evaluated,
    ...digestsOf(state),
    phase,
    health,
    healthyForMs: health === 'healthy' ? facts.healthyForMs : 0,
    lossCount: facts.lossCount,
    objects: wanted.length,
    objectsReady: wanted.filter(isReady).length,
    problems: problems.slice(0, MAX_LISTED),
    drifted: drifts.filter(({ healed }) => !healed).length,
    drifts: drifts.slice(0, isObserved ? MAX_OBSERVED : MAX_LISTED),
    deletionSet: facts.plan?.deletionSet?.hash,
    deletions: facts.plan?.deletionSet?.refs.slice(0, MAX_LISTED) ?? [],
    failedFast,
    writes: facts.writes,
    ...(isObserved ? { plan: planOf(wanted, facts.plan) } : {}),
  };
}

function planOf(wanted: readonly TrackedObject[], plan: ApplyPlan | undefined): ObservedPlan | undefined {
  const observed = wanted.flatMap((tracked) => (tracked.observed === undefined ? [] : [tracked.observed]));
  return plan === undefined ? undefined : summarizePlan(plan, observed, MAX_OBSERVED);
}

function isOnlyReported({ desired }: AppState): boolean {
  return desired?.policy.mode === 'observe' || desired?.policy.drift.policy === 'report';
}

/** Why an open drift is not healed now. */
function leftOf(state: AppState, drift: DriftEntry, facts: PassFacts): DriftEntry['left'] {
  if (drift.healed) return '';
  if (facts.suspended) return 'suspended';
  if (isOnlyReported(state)) return 'reported';
  const isContested = state.tracked.get(refKey(drift.ref))?.problem?.code === 'contested';
  return isContested ? 'contested' : '';
}

function digestsOf({ inventory, desired }: AppState): Digests {
  const { bundle, policy } = inventory;
  return {
    appliedBundle: bundle === '' ? undefined : bundle,
    appliedPolicy: policy === '' ? undefined : policy,
    attemptedBundle: desired?.entry.bundle,
    attemptedPolicy: desired?.entry.policy,
  };
}

/** Healthy as it is wanted: the health of what was there before, or of another's object, does not count. */
function isReady(tracked: TrackedObject): boolean {
  return isAsWanted(tracked) && tracked.problem === undefined && isVerdict(tracked, 'healthy');
}

function isVerdict({ verdict, entry }: TrackedObject, health: Health): boolean {
  return verdict.health === health || (health === 'healthy' && entry?.finished === true && verdict.code === 'missing');
}

/** The worst of all: failed, then unknown, then progressing. */
export function overallHealth(wanted: readonly TrackedObject[], plan: ApplyPlan | undefined): Health {
  if (wanted.some((tracked) => isVerdict(tracked, 'failed'))) return 'failed';
  if (wanted.some((tracked) => isVerdict(tracked, 'unknown'))) return 'unknown';
  const isSettled = plan !== undefined && plan.refused === undefined && wanted.every(isReady);
  return isSettled ? 'healthy' : 'progressing';
}

/** Only what was applied as it is wanted now can fail it: the failure of what was there before says nothing. */
function isFailed(state: AppState, wanted: readonly TrackedObject[], facts: PassFacts): boolean {
  if (state.desired?.policy.health.failFast === false) return false;
  return wanted.filter(isAsWanted).some((tracked) => {
    const isFinal = facts.reasons.get(tracked.key)?.isFinal === true && tracked.verdict.code !== NOT_OBSERVED.code;
    return isFinal || isVerdict(tracked, 'failed');
  });
}

function isAsWanted({ entry, wanted }: TrackedObject): boolean {
  return entry?.applied === wanted?.digest;
}

function phaseOf(state: AppState, facts: PassFacts): AppPhase {
  const { desired } = state;
  if (desired !== undefined && desired.entry.life !== 'active') return 'removing';
  if (facts.suspended) return 'suspended';
  if (desired?.policy.mode === 'observe') return 'observed';
  if (facts.waitsFor !== undefined) return 'blocked';
  return facts.plan === undefined ? 'applying' : phaseOfPlan(state, facts.plan);
}

function phaseOfPlan(state: AppState, plan: ApplyPlan): AppPhase {
  if (plan.refused !== undefined || plan.deletionSet !== undefined || plan.waits.some(needsPerson)) return 'blocked';
  if (state.isApplied) return 'applied';
  return [...state.tracked.values()].some((tracked) => tracked.problem !== undefined) ? 'partial' : 'applying';
}

const NEEDS_PERSON: ReadonlySet<WaitCode> = new Set(['notOwned', 'adoptDiffers', 'ownedBy', 'stuck']);

function needsPerson({ code }: ApplyWait): boolean {
  return NEEDS_PERSON.has(code);
}

/** Lists are cut: what fails the app must not hide behind what only takes its time. */
const SEVERITIES = ['fails', 'refused', 'stuck', 'takesTime'] as const;
type Severity = (typeof SEVERITIES)[number];

interface Listed {
  readonly severity: Severity;
  readonly problem: ObjectProblem;
}

function lossesOf({ app, desired, isLost }: AppState, { strays }: PassFacts): ObjectProblem[] {
  if (!isLost) return [];
  const ref = { group: '', kind: 'Namespace', namespace: '', name: desired?.policy.namespace ?? '' };
  const message =
    strays === ''
      ? 'records of the agent were deleted or damaged: what is wanted was taken over again by its marks; ' +
        `what had left the bundle before cannot be proven and is left alone (label flotilla.dev/app=${app})`
      : 'records of the agent were deleted or damaged: what carries the marks of the app cannot be proven to be its own and is ' +
        `not deleted: ${strays}. Delete it by hand, or let it live: flotilla removal orphan ${app}`;
  return [{ ref, code: 'inventoryLost', message, summary: '' }];
}

const rank = ({ severity }: Listed): number => SEVERITIES.indexOf(severity);

/** The worst first, equals by object. */
function listProblems(objects: readonly TrackedObject[], facts: PassFacts): ObjectProblem[] {
  const listed = new Map<string, Listed>();
  for (const wait of facts.plan?.waits ?? []) {
    const problem = describeWait(wait);
    const severity = severityOf(wait);
    if (problem !== undefined) listed.set(refKey(wait.ref), { severity, problem });
  }
  for (const tracked of objects) {
    const found = describeObject(tracked, facts);
    const wait = listed.get(tracked.key);
    // That it is not ready yet does not hide that a person must decide about it.
    if (found !== undefined && (wait === undefined || rank(found) <= rank(wait))) listed.set(tracked.key, found);
  }
  for (const { ref, text: message } of facts.obstacles) {
    const problem = { ref, code: 'deletionObstacle', message, summary: '' };
    listed.set(refKey(ref), { severity: 'refused', problem });
  }
  return [...listed.entries()]
    .sort(([a, left], [b, right]) => rank(left) - rank(right) || (a < b ? -1 : 1))
    .map(([, { problem }]) => problem);
}

/** What only waits for another object of its app to be adopted with it is not what a person must look at. */
function severityOf(wait: ApplyWait): Severity {
  const isCompany = wait.code === 'adoptDiffers' && wait.detail !== '';
  return needsPerson(wait) && !isCompany ? 'refused' : 'takesTime';
}

function describeObject(tracked: TrackedObject, facts: PassFacts): Listed | undefined {
  const { ref, verdict } = tracked;
  if (tracked.problem !== undefined) return { severity: 'refused', problem: tracked.problem };
  const reason = facts.reasons.get(tracked.key);
  if (reason !== undefined) {
    const { code, message, summary, isFinal } = reason;
    return { severity: isFinal ? 'fails' : 'stuck', problem: { ref, code, message, summary } };
  }
  if (tracked.wanted === undefined || isVerdict(tracked, 'healthy')) return undefined;
  const { health, code, message } = verdict;
  if (health === 'progressing' && (code === 'missing' || code === 'kindMissing' || code === 'unread')) return undefined;
  return { severity: SEVERITY_OF[health], problem: { ref, code, message, summary: '' } };
}

const SEVERITY_OF: Readonly<Record<Health, Severity>> = {
  failed: 'fails',
  unknown: 'stuck',
  progressing: 'takesTime',
  healthy: 'takesTime',
};

/** What to say of a wait; undefined when it says nothing that the object itself does not. */
const WAIT_MESSAGES: Readonly<Record<WaitCode, ((wait: ApplyWait) => string) | undefined>> = {
  unknown: ({ detail }) => detail,
  kindMissing: ({ ref }) =>
    `waiting: the cluster has no kind ${ref.kind}${ref.group === '' ? '' : ` of ${ref.group}`} yet`,
  terminating: () => 'waiting for the object to be gone: it is being deleted',
  stuck: ({ ref, detail }) => `${printRef(ref)} is being deleted and held by: ${detail}`,
  ownedBy: ({ ref, detail }) => `waiting: app ${detail} owns ${printRef(ref)}`,
  notOwned: ({ ref, detail }) =>
    `${printRef(ref)} exists and is not ours${detail === '' ? '' : ` (labelled as ${detail})`}; apply.adopt forbids taking it over`,
  adoptDiffers: ({ ref, detail }) =>
    detail === ''
      ? `${printRef(ref)} exists and differs; "force" in apply.adopt.when would take it over`
      : `waiting to be adopted together: ${detail}`,
  earlierPhase: undefined,
  pruneWaits: undefined,
  drifted: undefined,
};

function describeWait(wait: ApplyWait): ObjectProblem | undefined {
  const message = WAIT_MESSAGES[wait.code]?.(wait);
  return message === undefined ? undefined : { ref: wait.ref, code: wait.code, message, summary: '' };
}

/** What must differ for a report to be sent: everything but times and counters that grow by themselves. */
export function reportKey(report: AppReport): string {
  const { healthyForMs: _healthyForMs, writes: _writes, ...rest } = report;
  return JSON.stringify(rest, (key, value: unknown) => (key === 'at' ? 0 : value));
}
