import type { AppDefinition } from '../definitions/index.js';
import type { FoundProblem } from './evaluation.js';

/** Kinds that decide which targets an app has. */
const CONCERNED = new Set(['App', 'ClusterGroup', 'Cluster', 'Fleet', 'File', 'Project']);

/**
 * Why no removal may be derived for an app from this revision, or undefined: a problem in its file, in the kinds that choose
 * its targets, or in its source (design: what a bad commit does); or a project that no longer has one of its clusters.
 */
export function doubtRemoval(
  app: AppDefinition,
  problems: readonly FoundProblem[],
  failingSources: readonly string[],
): string | undefined {
  if (app.source !== undefined && failingSources.includes(app.source))
    return `source "${app.source}" cannot be fetched`;
  const problem = problems.find((found) => concerns(found, app) || isForeign(found, app));
  return problem && `${problem.place.file}:${problem.place.line}: ${problem.message}`;
}

function concerns({ origin, severity, subject, place }: FoundProblem, app: AppDefinition): boolean {
  return (
    origin === 'definition' && severity === 'error' && (place.file === app.place.file || CONCERNED.has(subject.kind))
  );
}

/** A target that a project took from the app is not one that the app gave up. */
function isForeign({ origin, code, subject }: FoundProblem, app: AppDefinition): boolean {
  return origin === 'match' && code === 'notAllowedHere' && subject.name === app.name;
}
