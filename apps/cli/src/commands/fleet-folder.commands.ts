import type { Command } from 'commander';
import { Option } from 'commander';
import type { FleetChangeItem, RenderedFleet, RenderedTarget } from '@flotilla/domain';
import { diffFleets } from '@flotilla/domain';
import { CliError, EXIT } from '../exit.js';
import type { FleetOptions, FleetStep } from '../fleet-folder/open-fleet.js';
import { openFleet, openStep } from '../fleet-folder/open-fleet.js';
import type { ObjectFormat } from '../fleet-folder/print-objects.js';
import { OBJECT_FORMATS, printTargets } from '../fleet-folder/print-objects.js';
import { printFleetPlan } from '../fleet-folder/print-plan.js';
import type { ProblemFormat } from '../fleet-folder/print-problems.js';
import { PROBLEM_FORMATS, printProblems } from '../fleet-folder/print-problems.js';
import { printCount } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { labelsOf } from './labels.js';

export interface FolderOptions {
  readonly rev?: string;
  readonly cluster?: string;
  readonly label?: readonly string[];
}

interface ValidateOptions extends FolderOptions {
  readonly output: ProblemFormat;
}

interface PlanOptions extends Omit<FolderOptions, 'rev'> {
  readonly rev: string;
  readonly app?: string;
  readonly output: ProblemFormat;
}

interface RenderOptions extends FolderOptions {
  readonly app?: string;
  readonly output: ObjectFormat | ProblemFormat;
  readonly showSecrets?: boolean;
}

/** validate, render and plan: a fleet repository on disk, by the rules of the hub and without one. */
export function addFleetFolderCommands(program: Command, { session, answer }: CommandContext): void {
  const validate = program
    .command('validate [dir]')
    .description('Every problem of a fleet repository, with its place and what to do; without a hub')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(PROBLEM_FORMATS).default('text'));
  withFolderOptions(validate).action(async (dir: string = '.', options: ValidateOptions) => {
    const here = session();
    const fleet = await openFolder(here, dir, options);
    here.streams.out(ended(printProblems(fleet.problems, dir, options.output)));
    here.err(summaryOf(fleet));
    if (hasErrors(fleet)) answer(EXIT.no);
  });
  const formats = [...new Set([...OBJECT_FORMATS, ...PROBLEM_FORMATS])];
  const render = program
    .command('render [dir]')
    .description('What each cluster would get; without a hub')
    .option('--app <app>', 'only this app')
    .option('--show-secrets', 'print what Secrets hold; without it their values are masked')
    .addOption(
      new Option('-o, --output <format>', 'how to print; sarif and github print only problems')
        .choices(formats)
        .default('yaml'),
    );
  withFolderOptions(render).action(async (dir: string = '.', options: RenderOptions) => {
    if (!(await renderFolder(session(), dir, options))) answer(EXIT.no);
  });
  const plan = program
    .command('plan [dir]')
    .description('What a push would change on each cluster, by object and field; without a hub')
    .option('--rev <A..B>', 'from one revision to another; without B to what lies in the folder', 'HEAD..')
    .option('--app <app>', 'only this app')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(PROBLEM_FORMATS).default('text'));
  withClusterOfFolder(plan).action(async (dir: string = '.', options: PlanOptions) => {
    if (!(await planFolder(session(), dir, options))) answer(EXIT.no);
  });
}

export function withFolderOptions(command: Command): Command {
  return withClusterOfFolder(
    command.option('--rev <rev>', 'a commit, branch or tag instead of what lies in the folder'),
  );
}

function withClusterOfFolder(command: Command): Command {
  return command
    .option('--cluster <name>', 'for this cluster; without it for all that have Cluster documents')
    .option('--label <key=value...>', 'labels of that cluster, as it would join with');
}

/** Renders what a folder holds. @throws CliError usage */
export function openFolder(session: Session, folder: string, options: FolderOptions): Promise<RenderedFleet> {
  return openFleet(fleetOptions(folder, options), session.environment);
}

function fleetOptions(folder: string, { rev, cluster, label }: FolderOptions): FleetOptions {
  if (label !== undefined && cluster === undefined)
    throw new CliError('usage', '--label goes with a cluster', 'add --cluster NAME');
  const options = { folder, labels: labelsOf(label), ...(rev === undefined ? {} : { rev }) };
  return { ...options, ...(cluster === undefined ? {} : { cluster }) };
}

/** Whether nothing would change, and nothing is wrong. */
async function planFolder(
  session: Session,
  folder: string,
  { rev, app, output, ...options }: PlanOptions,
): Promise<boolean> {
  const { before, after } = await openStep(stepOf(rev), fleetOptions(folder, options), session.environment);
  const mine = (name: string): boolean => app === undefined || name === app;
  const items = diffFleets(before, after).filter((item) => mine(item.app));
  const problems = after.problems.filter(({ subject }) => mine(subject.name));
  session.streams.out(ended(printFleetPlan({ items, problems }, { folder, format: output, paint: session.paint })));
  if (output === 'text') session.streams.err(ended(printProblems(problems, folder, 'text')));
  session.err(planSummary(items));
  return items.length === 0 && !problems.some(({ severity }) => severity === 'error');
}

/** `A..B`, `A..`, or `A` alone, which is the same. @throws CliError */
function stepOf(text: string): FleetStep {
  const [from = '', to = '', ...more] = text.split('..');
  if (from === '' || more.length > 0 || to.startsWith('.'))
    throw new CliError('usage', `"${text}" is not two revisions`, 'for example --rev main..HEAD');
  return { from, to: to === '' ? undefined : to };
}

function planSummary(items: readonly FleetChangeItem[]): string {
  if (items.length === 0) return 'Nothing changes on any cluster.';
  const apps = new Set(items.map((item) => item.app)).size;
  const clusters = new Set(items.flatMap((item) => item.clusters)).size;
  return `${printCount(apps, 'app')}, ${printCount(clusters, 'cluster')}. Wave by wave: flotilla rollout simulate --file STRATEGY.`;
}

/** Objects go to stdout, problems to stderr; whether there are none that keep something from being rendered. */
async function renderFolder(session: Session, folder: string, options: RenderOptions): Promise<boolean> {
  const { app, output } = options;
  const fleet = await openFolder(session, folder, options);
  if (app !== undefined && !Object.hasOwn(fleet.definitions.apps, app) && !hasErrors(fleet))
    throw new CliError('usage', `there is no app ${app} in ${folder}`);
  const problems = fleet.problems.filter(({ subject }) => app === undefined || subject.name === app);
  if (output === 'sarif' || output === 'github') session.streams.out(ended(printProblems(problems, folder, output)));
  else {
    const targets = fleet.targets.filter((target) => app === undefined || target.app === app).sort(byName);
    session.streams.out(ended(printTargets(targets, { format: output, secrets: options.showSecrets === true })));
    session.streams.err(ended(printProblems(problems, folder, 'text')));
  }
  if (fleet.targets.length === 0 && problems.length === 0)
    session.err('No cluster is selected: there is no Cluster document; name one by --cluster NAME --label KEY=VALUE.');
  return !problems.some(({ severity }) => severity === 'error');
}

function byName(a: RenderedTarget, b: RenderedTarget): number {
  return a.app.localeCompare(b.app) || a.cluster.localeCompare(b.cluster);
}

function ended(text: string): string {
  return text === '' ? '' : `${text}\n`;
}

function hasErrors({ problems }: RenderedFleet): boolean {
  return problems.some(({ severity }) => severity === 'error');
}

function summaryOf({ definitions, targets, problems }: RenderedFleet): string {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const counts = [
    printCount(Object.keys(definitions.apps).length, 'app'),
    printCount(targets.length, 'target'),
    printCount(errors, 'error'),
    printCount(problems.length - errors, 'warning'),
  ];
  return `${counts.join(', ')}.`;
}
