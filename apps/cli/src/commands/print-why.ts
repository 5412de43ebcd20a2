import type { Schemas } from '../api/client.js';
import { printAge } from '../output/age.js';
import type { Paint } from '../output/paint.js';
import { clean } from '../output/table.js';
import {
  joinAlike,
  printCount,
  printNames,
  printPlace,
  printReason,
  printRef,
  shortenMessage,
} from '../output/words.js';
import { printCause } from './print-changes.js';

type Why = Schemas['WhyAppDto'];
type Failed = Schemas['FailedTargetDto'];

export interface WhyLook {
  readonly app: string;
  readonly problems: readonly Schemas['ProblemDto'][];
  readonly paint: Paint;
  readonly now: number;
}

/** What blocks an app, with evidence; empty when nothing does. Clusters that say the same are one entry. */
export function whyLines(why: Why, look: WhyLook): string[] {
  return [
    ...frozenLines(why, look),
    ...look.problems.map((problem) => printProblem(problem)),
    ...failureLines(why.failed, look),
    ...unhealthyLines(why.unhealthy, look.now),
    ...blockLines(why, look.now),
    ...removalLines(why.removals, look),
  ];
}

/** A problem of the fleet repository, below what it is about. */
export function printProblem({ file, line, message, hint }: Schemas['ProblemDto']): string {
  const place = printPlace({ file, line });
  return clean(`      ${place === '' ? '' : `${place}  `}${message}${hint ? `   → ${hint}` : ''}`);
}

/** The problems below it say why; without any, the reason that the hub keeps does. */
function frozenLines({ frozenBecause, rollout }: Why, { app, problems, paint }: WhyLook): string[] {
  if (frozenBecause === null) return [];
  const why = problems.length === 0 ? `: ${clean(frozenBecause)}` : '';
  const kept = (rollout?.allowed ?? []).map(
    ({ release, targets }) => `${printCount(targets, 'target')} on #${release}`,
  );
  const stays = kept.length === 0 ? '' : ` (${kept.join(', ')})`;
  const force =
    rollout === null ? 'no form of it was right so far: nothing of it runs' : 'the last good definition stays in force';
  return [`${app}  ${paint('red', 'FROZEN')}  ${force}${stays}${why}`];
}

/** What changed is said once, where it is the same for several clusters. */
function failureLines(failed: Why['failed'], look: WhyLook): string[] {
  const said = new Set<string>();
  return joinAlike(failed, alikeFailed).flatMap((alike) => {
    const causes = alike
      .flatMap(({ causes: own, problems }) => own.map((cause) => clean(printCause(cause, problems))))
      .filter((text) => !said.has(text) && said.add(text));
    return [...failedLines(alike, look), ...causes.map((text) => `      ${text}`)];
  });
}

/** How long something is stuck differs from cluster to cluster and says nothing about why. */
function alikeFailed({ problems, message, reason, bundle, cluster }: Failed): string {
  const told = problems.map((problem) => [printRef(problem.ref), problem.code, steady(problem.message)]);
  return JSON.stringify(told.length === 0 ? [message, reason, cluster] : [told, bundle]);
}

function steady(message: string): string {
  return message.replace(/\d+/g, '#');
}

/** Who failed and how far it got; why, in the words of the cluster; as little as says it. */
function failedLines(alike: readonly [Failed, ...Failed[]], { paint, now }: WhyLook): string[] {
  const [target] = alike;
  const { problems, bundle } = target;
  const [first, ...more] = problems;
  const seen = `observed ${oldestAge(alike, now)} ago${bundle === null ? '' : `, bundle ${bundle}`}`;
  const names = printNames(
    alike.map(({ cluster }) => cluster),
    'cluster',
  );
  const head = `${names}  ${paint('red', 'FAILED')}`;
  if (!first) {
    const words = clean(shortenMessage(target.message || target.reason));
    return [`${head}  ${words}   ${printAge(target.failedAt, now)} ago`];
  }
  return [
    `${head}  ${clean(objectLine(first, target))}`,
    `      ${clean(printReason(first))}   ${seen}`,
    ...more.map((problem) => `      ${clean(`${objectLine(problem, target)}  ${printReason(problem)}`)}`),
  ];
}

/** The age of what is claimed of several is that of its oldest observation. */
function oldestAge(targets: readonly { readonly observedAt: string | null }[], now: number): string {
  return printAge(targets.map(({ observedAt }) => observedAt ?? '').sort()[0], now);
}

function objectLine({ ref, summary }: Schemas['ObjectProblemDto'], target: Schemas['FailedTargetDto']): string {
  return `${printRef(ref)}  ${summary || `${target.objectsReady} of ${target.objects} objects ready`}`;
}

type Unhealthy = Schemas['UnhealthyTargetDto'];

/** Who waits for its turn and runs nothing yet is left out: what blocks its wave says why. */
function unhealthyLines(targets: readonly Unhealthy[], now: number): string[] {
  const told = targets.filter(({ allowed, applied }) => allowed !== null || applied !== null);
  return joinAlike(told, alikeUnhealthy).map((alike) => {
    const [{ health, allowed, applied, problem }] = alike;
    const why = problem ? clean(`   ${printRef(problem.ref)}  ${printReason(problem)}`) : '';
    const release = (number: number | null): string => (number === null ? 'nothing' : `#${number}`);
    const names = printNames(
      alike.map(({ cluster }) => cluster),
      'cluster',
    );
    const what = `${names}  ${health ?? 'no report yet'}   allowed ${release(allowed)}, applied ${release(applied)}`;
    return `${what}${why}   observed ${oldestAge(alike, now)} ago`;
  });
}

function alikeUnhealthy({ health, allowed, applied, problem }: Unhealthy): string {
  const told = problem ? [printRef(problem.ref), problem.code, steady(problem.message)] : [];
  return JSON.stringify([health, allowed, applied, told]);
}

/** Who leaves, and what holds those that cannot go; what asks for a decision is told once. */
function removalLines(removals: Why['removals'], { paint, now }: WhyLook): string[] {
  return joinAlike(removals, ({ life, because }) => JSON.stringify([life, because])).map((alike) => {
    const [{ life, because }] = alike;
    const since = alike.map((removal) => removal.since).sort()[0];
    const names = printNames(
      alike.map(({ cluster }) => cluster),
      'cluster',
    );
    const still = life === 'asked' ? ': it runs on and is healed until somebody decides' : '';
    const state = `${paint('yellow', life)} since ${printAge(since, now)}${still}`;
    return clean(`${names}  leaves (${because}), ${state}`);
  });
}

/** Failures say it all: the exhausted budget, and what later waves wait for, only follow from them. */
const DERIVED: readonly string[] = [
  'failureBudget',
  'earlierWave',
  'minHealthy',
  'health',
  'approval',
  'window',
  'soak',
];

function blockLines({ rollout, failed, removals }: Why, now: number): string[] {
  const blocks = rollout?.blockedBy ?? [];
  const explained = failed.length > 0 && blocks.some(({ kind }) => kind === 'failureBudget');
  const isTold = (kind: string): boolean => {
    if (kind === 'removalApproval' && removals.length > 0) return false;
    return explained ? !DERIVED.includes(kind) : kind !== 'earlierWave';
  };
  const told = blocks.filter(({ kind }) => isTold(kind));
  return told.map(({ kind, who, wave, cluster, since, unblocks }) => {
    const where = [wave, cluster].filter((part) => part !== undefined).join(', ');
    return clean(
      `${where ? `${where}  ` : ''}waits ${printAge(since, now)} by ${kind}${who ? ` (${who})` : ''}: ${unblocks}`,
    );
  });
}
