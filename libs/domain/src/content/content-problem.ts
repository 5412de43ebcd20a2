import type { Place, Problem, ProblemCode, Subject } from '../problem/index.js';

/** A problem of content, before it is known which app it is a problem of: rendered content is shared. */
export type ContentProblem = Omit<Problem, 'subject'>;

/** Where a whole file is meant. */
export function placeOfFile(file: string): Place {
  return { file, line: 1, column: 1 };
}

/** An error about a whole document or file. */
export function contentError(
  code: ProblemCode,
  place: Place,
  [message, hint]: readonly [string, string],
): ContentProblem {
  return { code, severity: 'error', place, field: '', message, hint };
}

export function problemsOf(subject: Subject, problems: readonly ContentProblem[]): Problem[] {
  return problems.map((problem) => ({ ...problem, subject }));
}
