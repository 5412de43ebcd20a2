import type {
  AppPhase,
  AppReport,
  Digest,
  DriftEntry,
  DriftItem,
  DriftLeft,
  Health,
  ObjectProblem,
  ObservedPlan,
  PlannedAction,
  PlannedObject,
} from '@flotilla/domain';
import { reportDigest } from '@flotilla/domain';
import { fromWireCount, fromWireDigestOrNone, toWireDigest } from './bytes.js';
import * as wire from './generated/flotilla/agent/v1/agent.js';
import { fromWireRef, toWireRef } from './map-content.js';
import { fromWireWord } from './map-desired-state.js';
import { fromWireVersion, toWireVersion } from './map-version.js';

const PHASES = {
  applying: wire.Phase.PHASE_APPLYING,
  partial: wire.Phase.PHASE_PARTIAL,
  applied: wire.Phase.PHASE_APPLIED,
  blocked: wire.Phase.PHASE_BLOCKED,
  suspended: wire.Phase.PHASE_SUSPENDED,
  removing: wire.Phase.PHASE_REMOVING,
  observed: wire.Phase.PHASE_OBSERVED,
} satisfies Record<AppPhase, wire.Phase>;

const HEALTHS = {
  healthy: wire.Health.HEALTH_HEALTHY,
  progressing: wire.Health.HEALTH_PROGRESSING,
  failed: wire.Health.HEALTH_FAILED,
  unknown: wire.Health.HEALTH_UNKNOWN,
} satisfies Record<Health, wire.Health>;

const DRIFT_KINDS = { edited: 0, deleted: 1 } satisfies Record<DriftItem['kind'], number>;

/** @param digest of the report, where it is known. */
export function toWireReport(report: AppReport, sequence: number, digest = reportDigest(report)): wire.Report {
  return {
    sequence: BigInt(sequence),
    app: report.app,
    evaluated: toWireVersion(report.evaluated),
    appliedBundle: toWireDigest(report.appliedBundle),
    appliedPolicy: toWireDigest(report.appliedPolicy),
    phase: PHASES[report.phase],
    health: HEALTHS[report.health],
    healthyForMs: BigInt(Math.round(report.healthyForMs)),
    lossCount: report.lossCount,
    objects: report.objects,
    objectsReady: report.objectsReady,
    problems: report.problems.map((problem) => ({ ...problem, ref: toWireRef(problem.ref) })),
    drifted: report.drifted,
    drifts: report.drifts.map(toWireDrift),
    deletionSet: toWireDigest(report.deletionSet),
    deletions: report.deletions.map(toWireRef),
    digest: toWireDigest(digest),
    failedFast: report.failedFast,
    writes: BigInt(report.writes),
    attemptedBundle: toWireDigest(report.attemptedBundle),
    attemptedPolicy: toWireDigest(report.attemptedPolicy),
    plan: report.plan === undefined ? undefined : toWirePlan(report.plan),
  };
}

/** A report as received. The digest is computed here, never believed. */
export interface ReceivedReport {
  readonly sequence: number;
  readonly report: AppReport;
  readonly digest: Digest;
}

/** @throws Fault badInput for anything malformed. */
export function fromWireReport(received: wire.Report): ReceivedReport {
  const report: AppReport = {
    app: received.app,
    evaluated: fromWireVersion(received.evaluated),
    appliedBundle: fromWireDigestOrNone(received.appliedBundle),
    appliedPolicy: fromWireDigestOrNone(received.appliedPolicy),
    attemptedBundle: fromWireDigestOrNone(received.attemptedBundle),
    attemptedPolicy: fromWireDigestOrNone(received.attemptedPolicy),
    phase: fromWireWord(PHASES, received.phase, 'phase'),
    health: fromWireWord(HEALTHS, received.health, 'health'),
    healthyForMs: fromWireCount(received.healthyForMs),
    lossCount: received.lossCount,
    objects: received.objects,
    objectsReady: received.objectsReady,
    problems: received.problems.map(fromWireProblem),
    drifted: received.drifted,
    drifts: received.drifts.map(fromWireDrift),
    deletionSet: fromWireDigestOrNone(received.deletionSet),
    deletions: received.deletions.map(fromWireRef),
    failedFast: received.failedFast,
    writes: fromWireCount(received.writes),
    ...(received.plan === undefined ? {} : { plan: fromWirePlan(received.plan) }),
  };
  return { sequence: fromWireCount(received.sequence), report, digest: reportDigest(report) };
}

function fromWireProblem({ ref, code, message, summary }: wire.ObjectProblem): ObjectProblem {
  return { ref: fromWireRef(ref), code, message, summary };
}

const LEFT = { '': 0, reported: 1, contested: 2, suspended: 3 } satisfies Record<DriftLeft, number>;

function toWireDrift(drift: DriftEntry): wire.Drift {
  const { ref, at, seenAt, healedAt } = drift;
  return { ...drift, ref: toWireRef(ref), at: BigInt(at), seenAt: BigInt(seenAt), healedAt: BigInt(healedAt) };
}

/** Words here are for display only: one that a newer agent knows must not cost its report. */
function fromWireDrift(drift: wire.Drift): DriftEntry {
  const { ref, kind, field, wanted, live, manager, at, healed, seenAt, healedAt, left } = drift;
  return {
    ref: fromWireRef(ref),
    kind: kind in DRIFT_KINDS ? (kind as DriftItem['kind']) : 'edited',
    field,
    wanted,
    live,
    manager,
    at: fromWireCount(at),
    healed,
    seenAt: fromWireCount(seenAt),
    healedAt: fromWireCount(healedAt),
    left: left in LEFT ? (left as DriftLeft) : '',
  };
}

const ACTIONS = {
  create: 0,
  change: 1,
  adopt: 2,
  delete: 3,
  conflict: 4,
  wait: 5,
} satisfies Record<PlannedAction, number>;

function toWirePlan({ counts, objects }: ObservedPlan): wire.Plan {
  return {
    ...counts,
    objects: objects.map((object) => ({ ...object, ref: toWireRef(object.ref), managers: [...object.managers] })),
  };
}

function fromWirePlan({ objects, ...counts }: wire.Plan): ObservedPlan {
  return { counts, objects: objects.map(fromWirePlanned) };
}

/** An action that only a newer agent knows needs a person's look. */
function fromWirePlanned({ ref, action, managers, because }: wire.PlannedObject): PlannedObject {
  const known = action in ACTIONS ? (action as PlannedAction) : 'conflict';
  return { ref: fromWireRef(ref), action: known, managers, because };
}
