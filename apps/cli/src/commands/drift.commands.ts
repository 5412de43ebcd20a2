import type { Command } from 'commander';
import { suggestIgnores } from '@flotilla/domain';
import { stringify } from 'yaml';
import { bodyOf } from '../api/client.js';
import { EXIT } from '../exit.js';
import { printAge } from '../output/age.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import { clean } from '../output/table.js';
import { isSecret, printCount, printRef } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { parseDuration } from './duration.js';
import { listRows } from './get.command.js';
import type { DriftRecord } from './resources/drift.resource.js';
import { printAuthor, printDriftState } from './resources/drift.resource.js';
import { given } from './resources/resource.js';

interface DriftOptions {
  readonly cluster?: string;
  readonly open?: boolean;
}

interface IgnoreOptions extends DriftOptions {
  readonly since: string;
  readonly byManager?: boolean;
}

/** drift list, show, ignore: what others changed in clusters. */
export function addDriftCommands(program: Command, { session, answer }: CommandContext): void {
  const drift = program.command('drift').description('What others changed in clusters, and what became of it');
  const add = (name: string, description: string): Command =>
    drift.command(name).description(description).option('--cluster <cluster>', 'only on this cluster');
  add('list [app]', 'Who changed what, newest first')
    .option('--open', 'only what is not over')
    .action((app: string | undefined, { cluster, open }: DriftOptions) =>
      listRows(session(), 'drift', given({ app, cluster, open })),
    );
  withTextOutput(add('show <app>', 'Each drift with what is wanted and what was found'))
    .option('--open', 'only what is not over')
    .action((app: string, options: DriftOptions & TextOptions) => show(session(), app, options));
  add('ignore <app>', 'Print the YAML that leaves what drifted to whoever changed it')
    .option('--since <duration>', 'what was seen within this time', '24h')
    .option('--by-manager', 'leave to each field manager all that it holds, instead of single paths')
    .action(async (app: string, options: IgnoreOptions) => {
      if (!(await ignore(session(), app, options))) answer(EXIT.no);
    });
}

const MOST = 1_000;

async function readDrifts(session: Session, app: string, { cluster, open }: DriftOptions): Promise<DriftRecord[]> {
  const api = await session.api();
  await bodyOf(api.GET('/api/v1/apps/{app}', { params: { path: { app } } }));
  const query = { app, limit: MOST, ...given({ cluster, open }) };
  return (await bodyOf(api.GET('/api/v1/drifts', { params: { query } }))).items;
}

async function show(session: Session, app: string, options: DriftOptions & TextOptions): Promise<void> {
  const items = await readDrifts(session, app, options);
  if (items.length === 0 && options.output === 'text') return session.err(`No drift of ${app}.`);
  const words = (): string => items.map((drift) => printDrift(drift, session)).join('\n');
  session.out(printAs({ items, next: null }, options.output, words));
}

function printDrift(drift: DriftRecord, { paint }: Session): string {
  const { cluster, ref, kind, field, at, seenAt } = drift;
  const now = Date.now();
  const what = kind === 'deleted' ? 'deleted' : field;
  const changed = at === null ? '' : `, changed ${printAge(at, now)} ago`;
  const lines = [
    `${cluster}  ${printRef(ref)}  ${what}  ${printDriftState(drift, paint)}`,
    ...printValues(drift),
    `by      ${printAuthor(drift)}${changed}, seen ${printAge(seenAt, now)} ago`,
  ];
  return lines.map((line, index) => `${index === 0 ? '' : '      '}${clean(line)}`).join('\n');
}

function printValues({ ref, kind, wanted, live }: DriftRecord): string[] {
  if (kind === 'edited' && isSecret(ref)) return ['values  of Secrets are not shown'];
  if (wanted === '' && live === '') return [];
  return [`wanted  ${wanted || 'nothing'}`, `live    ${live || 'nothing'}`];
}

/** False when there is nothing that a rule could leave to others. */
async function ignore(session: Session, app: string, options: IgnoreOptions): Promise<boolean> {
  const since = Date.now() - parseDuration(options.since);
  const drifts = (await readDrifts(session, app, options)).filter(
    ({ seenAt, endedAt }) => endedAt === null || Date.parse(seenAt) >= since,
  );
  const { rules, keepsExtra, deleted } = suggestIgnores(drifts, options.byManager === true);
  for (const ref of new Set(deleted.map(printRef))) session.err(clean(`${ref} was deleted: no rule leaves that.`));
  if (rules.length === 0 && !keepsExtra) {
    session.err(`Nothing of ${app} drifted within ${options.since} that could be ignored.`);
    return false;
  }
  const rule = rules.map(({ jsonPointers, fieldManagers, ...rest }) => ({
    ...rest,
    ...(jsonPointers.length === 0 ? {} : { jsonPointers }),
    ...(fieldManagers.length === 0 ? {} : { fieldManagers }),
  }));
  const drift = { ...(rule.length === 0 ? {} : { ignore: rule }), ...(keepsExtra ? { extraFields: 'keep' } : {}) };
  session.streams.out(stringify({ spec: { drift } }));
  if (keepsExtra) session.err('Somebody added fields that are not wanted: extraFields: keep lets all such fields be.');
  session.err(`Put ${printCount(rules.length, 'rule')} into the App ${app}, beside those it has, and push.`);
  return true;
}
