import type { AppPlan, Evaluation, EvaluatedApp, LeavingBecause } from '@flotilla/domain';
import { doubtRemoval, planApp } from '@flotilla/domain';
import type { FleetInForce, StoredApp } from './fleet-in-force.js';
import type { AppColumns } from './release.repository.js';

/** What becomes of one app, and whether its row changes. */
export interface AppChange {
  readonly name: string;
  readonly before: StoredApp | undefined;
  readonly columns: AppColumns;
  readonly columnsChanged: boolean;
  /** Absent for apps that are frozen or gone. */
  readonly plan: AppPlan | undefined;
  readonly now: EvaluatedApp | undefined;
  readonly leaving: ReadonlyMap<number, LeavingBecause>;
  /** Whether no removal could be derived for it. */
  readonly doubted: boolean;
}

export interface ChangeInput {
  readonly before: FleetInForce;
  readonly evaluation: Evaluation;
  readonly failingSources: readonly string[];
  /** Apps that were saved as they are now, by what they were worked out to be: nothing is to be done about them. */
  readonly done: WeakMap<EvaluatedApp, StoredApp>;
  /** Commit at which an app's content was read. */
  commitOf(app: EvaluatedApp): string;
}

/** Changes of all apps that change. */
export function planAppChanges(input: ChangeInput): AppChange[] {
  const { before, evaluation } = input;
  const names = new Set(evaluation.apps.map(({ definition }) => definition.name));
  const gone = [...before.apps.values()].filter((app) => !names.has(app.name) && app.life === 'active');
  const clusterIds = new Set(evaluation.clusters.map(({ id }) => id));
  const pending = evaluation.apps.filter((app) => !isDone(app, input));
  const changes = pending.map((app) => planChange(app, clusterIds, input));
  for (const change of changes) markDone(change, input);
  return [...changes.filter(matters), ...gone.map(goneApp)];
}

function isDone(app: EvaluatedApp, { before, done }: ChangeInput): boolean {
  const stored = before.apps.get(app.definition.name);
  return stored !== undefined && done.get(app) === stored;
}

/** Held back removals are looked at again each time; what needs a write is done only when it was saved. */
function markDone(change: AppChange, { done }: ChangeInput): void {
  if (change.now && change.before && !change.doubted && !matters(change)) done.set(change.now, change.before);
}

function matters(change: AppChange): boolean {
  const { plan, leaving, columnsChanged } = change;
  return (
    columnsChanged || leaving.size > 0 || (plan !== undefined && (plan.release.kind !== 'none' || plan.wanted.size > 0))
  );
}

function planChange(now: EvaluatedApp, clusterIds: ReadonlySet<number>, input: ChangeInput): AppChange {
  const { definition } = now;
  const before = input.before.apps.get(definition.name);
  const moves = mayMove(now, before);
  const columns = columnsOf(now, before, moves ? input.commitOf(now) : undefined);
  const change = { name: definition.name, before, columns, columnsChanged: differs(before, columns), now };
  if (!moves) return { ...change, plan: undefined, leaving: new Map(), doubted: true };
  const doubt = now.definitionFrozen
    ? now.frozenBecause
    : doubtRemoval(definition, input.evaluation.problems, input.failingSources);
  const plan = planApp({ before, now, clusterIds, doubt });
  return { ...change, plan, leaving: plan.leaving, doubted: doubt !== undefined };
}

/** A frozen definition still serves clusters that join, from its last good form and content. */
function mayMove(now: EvaluatedApp, before: StoredApp | undefined): boolean {
  if (now.frozenBecause === '') return true;
  const sound = now.assembled.problems.every(({ severity }) => severity === 'warning');
  return now.definitionFrozen && sound && before?.inputs === now.inputs;
}

/** @param commit where the content was read, when it was good */
function columnsOf(now: EvaluatedApp, before: StoredApp | undefined, commit: string | undefined): AppColumns {
  const { name, namespace, project, strategy = '' } = now.definition;
  const fresh = commit !== undefined && before?.inputs !== now.inputs;
  return {
    name,
    life: 'active',
    namespace,
    project,
    strategy,
    inputs: fresh ? now.inputs : before?.inputs,
    goodCommit: fresh ? commit : (before?.goodCommit ?? ''),
    frozenBecause: now.frozenBecause,
  };
}

function differs(before: StoredApp | undefined, columns: AppColumns): boolean {
  if (!before) return true;
  return (Object.keys(columns) as (keyof AppColumns)[]).some((key) => before[key] !== columns[key]);
}

/** Its definition is gone for good: its targets leave, under the policy they had. */
function goneApp(before: StoredApp): AppChange {
  const active = [...before.targets].filter(([, { life }]) => life === 'active');
  return {
    name: before.name,
    before,
    columns: { ...before, life: 'leaving', frozenBecause: '' },
    columnsChanged: true,
    plan: undefined,
    now: undefined,
    doubted: false,
    leaving: new Map(active.map(([cluster]) => [cluster, 'appGone' as const])),
  };
}
