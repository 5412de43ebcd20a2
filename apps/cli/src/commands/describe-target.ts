import type { Schemas } from '../api/client.js';
import { printAge, printSpan } from '../output/age.js';
import type { Paint } from '../output/paint.js';
import { paintState } from '../output/paint.js';
import { clean } from '../output/table.js';
import type { Branch } from '../output/tree.js';
import { printDrift, printNumber, printReason, printRef } from '../output/words.js';

type Target = Schemas['TargetDto'];

/** What a tree needs to be written. */
export interface Ink {
  readonly paint: Paint;
  readonly now: number;
}

/** A target under the name of its app or cluster: its objects that are not well below it, their reasons below those. */
export function targetBranch(target: Target, title: string, ink: Ink): Branch {
  return { text: `${title}  ${targetLine(target, ink)}`, below: targetDetails(target, ink) };
}

export function targetLine(target: Target, { paint, now }: Ink): string {
  const { state, allowedRelease, appliedRelease, desiredRelease, objects, objectsReady, observedAt, bundle } = target;
  const moving = desiredRelease === allowedRelease ? '' : `, desired ${printNumber(desiredRelease)}`;
  const release =
    allowedRelease === appliedRelease
      ? `on ${printNumber(allowedRelease)}`
      : `allowed ${printNumber(allowedRelease)}, applied ${printNumber(appliedRelease)}`;
  const seen = observedAt === null ? 'never observed' : `observed ${printAge(observedAt, now)} ago`;
  const of = bundle === null ? '' : `, bundle ${bundle}`;
  return `${paintState(paint, state)}  ${release}${moving}   ${objectsReady} of ${objects} objects ready   ${seen}${of}`;
}

export function targetDetails(target: Target, { paint, now }: Ink): Branch[] {
  const { life, lifeBecause, problems, drifts, deletions } = target;
  return [
    ...(life === 'active' ? [] : [{ text: `${paint('yellow', life)}: ${clean(lifeBecause)}` }]),
    ...objectBranches(problems),
    ...drifts.map((drift) => ({ text: `drift  ${printDrift(drift)}${agoOf(drift.at, now)}` })),
    ...deletions.map((ref) => ({ text: `waits for approval to be deleted: ${clean(printRef(ref))}` })),
  ];
}

/** Nobody knows when something was deleted. */
function agoOf(at: number, now: number): string {
  return at === 0 ? '' : ` ${printSpan(now - at)} ago`;
}

/** Objects that are not well, each with its reasons. */
function objectBranches(problems: Target['problems']): Branch[] {
  const byObject = new Map<string, Target['problems']>();
  for (const problem of problems) {
    const object = printRef(problem.ref);
    byObject.set(object, [...(byObject.get(object) ?? []), problem]);
  }
  return [...byObject].map(([object, found]) => ({
    text: clean([object, found[0]?.summary ?? ''].filter((part) => part !== '').join('  ')),
    below: found.map((problem) => ({ text: printReason(problem) })),
  }));
}
