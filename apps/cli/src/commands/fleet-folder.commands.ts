import type { Command } from 'commander';
import { Option } from 'commander';
import type { RenderedFleet, RenderedTarget } from '@flotilla/domain';
import { CliError, EXIT } from '../exit.js';
import { openFleet } from '../fleet-folder/open-fleet.js';
import type { ObjectFormat } from '../fleet-folder/print-objects.js';
import { OBJECT_FORMATS, printTargets } from '../fleet-folder/print-objects.js';
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

interface RenderOptions extends FolderOptions {
  readonly app?: string;
  readonly output: ObjectFormat | ProblemFormat;
  readonly showSecrets?: boolean;
}

/** validate and render: a fleet repository on disk, by the rules of the hub and without one. */
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
}

export function withFolderOptions(command: Command): Command {
  return command
    .option('--rev <rev>', 'a commit, branch or tag instead of what lies in the folder')
    .option('--cluster <name>', 'for this cluster; without it for all that have Cluster documents')
    .option('--label <key=value...>', 'labels of that cluster, as it would join with');
}

/** Renders what a folder holds. @throws CliError usage */
export function openFolder(
  session: Session,
  folder: string,
  { rev, cluster, label }: FolderOptions,
): Promise<RenderedFleet> {
  if (label !== undefined && cluster === undefined)
    throw new CliError('usage', '--label goes with a cluster', 'add --cluster NAME');
  const options = { folder, labels: labelsOf(label), ...(rev === undefined ? {} : { rev }) };
  return openFleet({ ...options, ...(cluster === undefined ? {} : { cluster }) }, session.environment);
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
