import type { AppPhase, AppReport, Digest, DriftItem, Health, ObjectProblem } from '@flotilla/domain';
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

export function toWireReport(report: AppReport, sequence: number): wire.Report {
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
    drifts: report.drifts.map((drift) => ({ ...drift, ref: toWireRef(drift.ref), at: BigInt(drift.at) })),
    deletionSet: toWireDigest(report.deletionSet),
    deletions: report.deletions.map(toWireRef),
    digest: toWireDigest(reportDigest(report)),
    failedFast: report.failedFast,
    writes: BigInt(report.writes),
    attemptedBundle: toWireDigest(report.attemptedBundle),
    attemptedPolicy: toWireDigest(report.attemptedPolicy),
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
  };
  return { sequence: fromWireCount(received.sequence), report, digest: reportDigest(report) };
}

function fromWireProblem({ ref, code, message, summary }: wire.ObjectProblem): ObjectProblem {
  return { ref: fromWireRef(ref), code, message, summary };
}

function fromWireDrift({ ref, kind, field, wanted, live, manager, at, healed }: wire.Drift): DriftItem {
  // Display only: a kind that a newer agent knows must not cost its report.
  const word = kind in DRIFT_KINDS ? (kind as DriftItem['kind']) : 'edited';
  return { ref: fromWireRef(ref), kind: word, field, wanted, live, manager, at: fromWireCount(at), healed };
}
