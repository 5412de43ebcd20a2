import type { Command } from 'commander';
import { refKey } from '@flotilla/domain';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError, EXIT } from '../exit.js';
import { printAge } from '../output/age.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import type { Paint } from '../output/paint.js';
import { clean } from '../output/table.js';
import { isSecret, printCount, printRef } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { given } from './resources/resource.js';

type Target = Schemas['TargetDto'];
type Planned = Schemas['PlannedObjectDto'];
type Counts = Schemas['PlanCountsDto'];

interface PlanOptions extends TextOptions {
  readonly cluster?: string;
}

/** What would be done on one cluster. */
interface ClusterPlan {
  readonly cluster: string;
  readonly app: string;
  readonly observedAt: string | null;
  /** Null when its agent has not said anything of it yet. */
  readonly counts: Counts | null;
  readonly objects: readonly (Planned & { readonly fields: Target['drifts'] })[];
}

/** `flotilla adopt plan APP`: what agents would do, before they do it. */
export function addAdoptCommands(program: Command, { session, answer }: CommandContext): void {
  const adopt = program.command('adopt').description('Take over what exists already');
  const plan = adopt
    .command('plan <app>')
    .description('What applying an app would do on each cluster; nothing is written')
    .option('--cluster <cluster>', 'only on this cluster');
  withTextOutput(plan).action(async (app: string, options: PlanOptions) => {
    if (!(await showPlan(session(), app, options))) answer(EXIT.no);
  });
}

const MOST = 1_000;

/** True when every cluster has answered and nothing is in the way. */
async function showPlan(session: Session, app: string, { cluster, output }: PlanOptions): Promise<boolean> {
  const api = await session.api();
  const query = { app, limit: MOST, ...given({ cluster }) };
  const { items } = await bodyOf(api.GET('/api/v1/targets', { params: { query } }));
  if (items.length === 0) {
    const where = cluster === undefined ? 'any cluster' : cluster;
    throw new CliError('usage', `${app} has no target on ${where}`, `flotilla get targets --app ${app}`);
  }
  const plans = items.map(planOf);
  session.out(printAs({ items: plans, next: null }, output, () => printPlans(plans, session.paint)));
  const conflicts = plans.reduce((sum, { counts }) => sum + (counts?.conflict ?? 0), 0);
  const silent = plans.filter(({ counts }) => counts === null).length;
  if (output === 'text') session.err(adviceOf(app, { conflicts, silent, observed: items.every(isObserved) }));
  return conflicts === 0 && silent === 0;
}

/** What keeps a managed app from taking over what exists. */
const IN_THE_WAY = new Set(['notOwned', 'adoptDiffers', 'ownedBy', 'applyConflict']);

function isObserved({ phase }: Target): boolean {
  return phase === 'observed';
}

function planOf(target: Target): ClusterPlan {
  const { cluster, app, observedAt, plan, drifts } = target;
  if (plan === null) return { cluster, app, observedAt, ...managedPlan(target) };
  const objects = plan.objects.map((planned) => ({
    ...planned,
    fields: drifts.filter(({ ref, kind }) => kind === 'edited' && refKey(ref) === refKey(planned.ref)),
  }));
  return { cluster, app, observedAt, counts: plan.counts, objects };
}

/** An app in mode manage has done what it may; what is left are its conflicts. */
function managedPlan({ phase, problems, objects }: Target): Pick<ClusterPlan, 'counts' | 'objects'> {
  if (phase === null || phase === 'observed') return { counts: null, objects: [] };
  const found = problems.filter(({ code }) => IN_THE_WAY.has(code));
  const none = { create: 0, change: 0, adopt: 0, delete: 0, wait: 0 };
  const counts = { ...none, conflict: found.length, leave: Math.max(0, objects - found.length) };
  const conflicts = found.map(({ ref, message }) => ({
    ref,
    action: 'conflict' as const,
    managers: [],
    because: message,
  }));
  return { counts, objects: conflicts.map((planned) => ({ ...planned, fields: [] })) };
}

function printPlans(plans: readonly ClusterPlan[], paint: Paint): string {
  const lines = plans.flatMap((plan) => [
    `${plan.cluster}  ${headOf(plan)}`,
    ...plan.objects.flatMap((object) => printObject(object, paint)),
  ]);
  return lines.map(clean).join('\n');
}

const SHOWN = ['conflict', 'delete', 'adopt', 'change', 'create', 'wait', 'leave'] as const;

function headOf({ counts, observedAt }: ClusterPlan): string {
  if (counts === null) return 'not observed yet';
  const parts = SHOWN.filter((action) => counts[action] > 0).map((action) => `${counts[action]} ${action}`);
  return `${parts.join(', ') || 'nothing to do'}   observed ${printAge(observedAt, Date.now())} ago`;
}

function printObject(
  { action, ref, managers, because, fields }: ClusterPlan['objects'][number],
  paint: Paint,
): string[] {
  const word = action.padEnd(8);
  const from = managers.length === 0 ? '' : `  from ${managers.join(', ')}`;
  const why = because === '' ? '' : `  ${because}`;
  return [
    `  ${action === 'conflict' ? paint('red', word) : word}  ${printRef(ref)}${from}${why}`,
    ...fields.map(printField),
  ];
}

function printField({ ref, field, wanted, live, manager }: Target['drifts'][number]): string {
  const by = manager === '' ? '' : `   by ${manager}`;
  if (isSecret(ref)) return `              ${field}${by}`;
  return `              ${field}  ${live || 'nothing'} → ${wanted || 'nothing'}${by}`;
}

function adviceOf(
  app: string,
  found: { readonly conflicts: number; readonly silent: number; readonly observed: boolean },
): string {
  if (found.silent > 0) return `${printCount(found.silent, 'cluster')} have not said anything yet: flotilla why ${app}`;
  if (found.conflicts > 0)
    return `${printCount(found.conflicts, 'conflict')}: make the content equal, set apply.adopt.when: force, or leave the object out`;
  return found.observed ? `Nothing is in the way. Set mode: manage in the App ${app} and push.` : `${app} is managed.`;
}
