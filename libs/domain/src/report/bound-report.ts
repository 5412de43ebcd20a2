import type { AppReport, DriftEntry, ObjectProblem, ObservedPlan } from './report.js';

/** One report as JSON, at most; counts stay, lists are cut. */
export const MAX_REPORT_BYTES = 16 * 1024;

const MAX_TEXT = 1_024;

/**
 * Cuts a report to about `maxBytes` of JSON: long texts first, then the lists, the least telling one first (deletions,
 * drifts, planned objects, problems). Counts stay complete, so a reader sees that something was cut.
 */
export function boundReport(report: AppReport, maxBytes: number): AppReport {
  let bounded: AppReport = {
    ...report,
    problems: report.problems.map(boundProblem),
    drifts: report.drifts.map(boundDrift),
  };
  const excess = (): number => sizeOf(bounded) - maxBytes;
  if (excess() <= 0) return bounded;
  bounded = { ...bounded, deletions: withoutTail(bounded.deletions, excess()) };
  bounded = { ...bounded, drifts: withoutTail(bounded.drifts, excess()) };
  bounded = { ...bounded, ...boundPlan(bounded.plan, excess()) };
  bounded = { ...bounded, problems: withoutTail(bounded.problems, excess()) };
  return bounded;
}

function boundProblem(problem: ObjectProblem): ObjectProblem {
  return { ...problem, message: boundText(problem.message), summary: boundText(problem.summary) };
}

function boundDrift(drift: DriftEntry): DriftEntry {
  return { ...drift, field: boundText(drift.field), wanted: boundText(drift.wanted), live: boundText(drift.live) };
}

function boundPlan(plan: ObservedPlan | undefined, excess: number): { plan?: ObservedPlan } {
  return plan === undefined ? {} : { plan: { ...plan, objects: withoutTail(plan.objects, excess) } };
}

function boundText(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`;
}

/** Drops items from the end until at least `excess` characters are gone, or all are. */
function withoutTail<T>(list: readonly T[], excess: number): readonly T[] {
  let gone = 0;
  let length = list.length;
  while (length > 0 && gone < excess) {
    length -= 1;
    gone += sizeOf(list[length]) + 1;
  }
  return list.slice(0, length);
}

/** Bytes of UTF-8, counted without an encoder: at most three for each UTF-16 unit. */
function sizeOf(value: unknown): number {
  const text = JSON.stringify(value);
  let size = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    size += unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }
  return size;
}
