import type { Digest, JsonObject } from '../json/index.js';
import { canonicalJson, digestJson, sha256Hex } from '../json/index.js';
import type { AppReport, DriftEntry, ObjectProblem } from './report.js';

type DriftItemWithoutTimes = Omit<DriftEntry, 'at' | 'seenAt' | 'healedAt'>;

/** Durations in texts for people (`stuck 61s`, `back-off 2m40s`) grow by themselves. */
const DURATION = /\b(\d+(\.\d+)?(ms|[smhd]))+\b/g;

/**
 * Digest of what matters in a report: the same state seen twice is the same digest, and silence. Left out are times,
 * `healthyForMs`, `writes` and durations inside texts. `evaluated` is part of it: a version that touches an app is answered
 * by a report even when nothing else changed.
 */
export function reportDigest(report: AppReport): Digest {
  const { healthyForMs: _healthy, writes: _writes, ...rest } = report;
  const problems = report.problems.map(stableProblem);
  const drifts = report.drifts.map(stableDrift);
  return digestJson({ ...rest, problems, drifts } as unknown as JsonObject);
}

function stableProblem(problem: ObjectProblem): ObjectProblem {
  const { message, summary } = problem;
  return { ...problem, message: message.replace(DURATION, ''), summary: summary.replace(DURATION, '') };
}

function stableDrift({ at: _at, seenAt: _seenAt, healedAt: _healedAt, ...drift }: DriftEntry): DriftItemWithoutTimes {
  return drift;
}

/** A report in one word: what the hub keeps of it and the agent states of it. */
export interface ReportState {
  readonly app: string;
  readonly digest: Digest;
}

/** One hash over all reports of a cluster, in any order. Equal on both sides: none has to be sent. */
export function reportsHash(reports: Iterable<ReportState>): Digest {
  const lines = [...reports].map(({ app, digest }) => canonicalJson({ app, digest })).sort();
  return sha256Hex(['flotilla/reports/1', ...lines].join('\n'));
}
