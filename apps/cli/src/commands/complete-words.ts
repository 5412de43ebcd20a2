import type { Command, Option } from 'commander';
import type { Api } from '../api/client.js';
import { loadContexts } from '../config/context-store.js';
import type { Session } from '../session.js';
import { resources } from './resources/index.js';

/** Longer than that is no help to who types. */
const PATIENCE_MS = 1_500;
const NAMES_AT_MOST = 500;

/** What may stand where the last word is being typed. A hub that does not answer only means fewer candidates. */
export async function completeWords(program: Command, words: readonly string[], session: Session): Promise<string[]> {
  const current = words.at(-1) ?? '';
  const { command, given, pending } = walk(program, words.slice(0, -1));
  const found = await candidates({ command, given, pending, current, session });
  return [...new Set(found)].filter((word) => word.startsWith(current)).sort();
}

interface Position {
  readonly command: Command;
  /** Arguments before the current word. */
  readonly given: readonly string[];
  /** Option whose value the current word is. */
  readonly pending: Option | undefined;
}

function walk(program: Command, words: readonly string[]): Position {
  let command = program;
  let pending: Option | undefined;
  const given: string[] = [];
  for (const word of words) {
    const below = pending === undefined ? command.commands.find((each) => each.name() === word) : undefined;
    if (below) command = below;
    else if (pending !== undefined) pending = undefined;
    else if (word.startsWith('-')) pending = valueOption(command, word);
    else given.push(word);
  }
  return { command, given, pending };
}

function valueOption(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short, required }) => required && (long === flag || short === flag));
}

interface Wanted extends Position {
  readonly current: string;
  readonly session: Session;
}

async function candidates({ command, given, pending, current, session }: Wanted): Promise<readonly string[]> {
  if (pending) return pending.argChoices ?? namesOf(pending.attributeName(), session);
  if (current.startsWith('-')) return command.options.map(({ long }) => long ?? '').filter((long) => long !== '');
  const below = command.commands.filter((each) => !each.name().startsWith('__')).map((each) => each.name());
  return below.length > 0 ? below : argumentsOf(command, given, session);
}

async function argumentsOf(command: Command, given: readonly string[], session: Session): Promise<readonly string[]> {
  const argument = command.registeredArguments[given.length] ?? command.registeredArguments.at(-1);
  if (argument?.argChoices) return argument.argChoices;
  const name = argument?.name() ?? '';
  const known = WORDS[name];
  return known ? known(session, given, command) : namesOf(name, session);
}

/** What arguments of these names can be. */
const WORDS: Readonly<
  Record<string, (session: Session, given: readonly string[], command: Command) => Promise<readonly string[]>>
> = {
  resource: async () => resources.map(({ names }) => names[0] ?? ''),
  kind: async () => ['cluster', 'app', 'target', 'release', 'rollout', 'source'],
  names: (session, [resource]) => resourceNames(resource ?? '', session),
  what: (session) => whatNames(session),
  name: (session, given, command) => nameOfCommand(command, given, session),
};

/** `describe KIND NAME`, `cluster join NAME`, `source refresh NAME`, `context use NAME`, `token revoke NAME`. */
function nameOfCommand(command: Command, given: readonly string[], session: Session): Promise<readonly string[]> {
  const [kind] = given;
  if (command.name() === 'describe') return resourceNames(kind === 'rollout' ? 'app' : (kind ?? ''), session);
  const noun = command.parent?.name() ?? '';
  return noun === 'context' ? contextNames(session) : resourceNames(noun, session);
}

async function contextNames(session: Session): Promise<string[]> {
  return Object.keys((await loadContexts(session.environment.configFile)).contexts);
}

/** Options and arguments go by the name of what they take: app, cluster, context. */
function namesOf(name: string, session: Session): Promise<readonly string[]> {
  if (name === 'context') return contextNames(session);
  return name === 'app' || name === 'cluster' ? resourceNames(name, session) : Promise.resolve([]);
}

async function whatNames(session: Session): Promise<string[]> {
  const [apps, clusters] = await Promise.all([resourceNames('app', session), resourceNames('cluster', session)]);
  return [
    ...apps.flatMap((app) => [`app/${app}`, `rollout/${app}`]),
    ...clusters.map((name) => `cluster/${name}`),
    ...apps,
  ];
}

async function resourceNames(kind: string, session: Session): Promise<string[]> {
  const resource = resources.find(({ names }) => names.includes(kind));
  if (!resource) return [];
  const read = async (api: Api): Promise<string[]> => {
    const { items } = await resource.read(api, { after: undefined, limit: NAMES_AT_MOST });
    return items.map((row) => resource.nameOf(row));
  };
  const patience = new Promise<string[]>((resolve) => setTimeout(() => resolve([]), PATIENCE_MS).unref());
  return Promise.race([session.api().then(read), patience]).catch(() => []);
}
