import { until } from '@flotilla/testing';
import type { HubClient, Page, Problem, Summary, Target } from './hub-client.js';
import type { Program } from './program.js';

const print = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');

export interface Waiting {
  readonly client: HubClient;
  readonly programs: readonly Program[];
  readonly clusters: number;
  readonly timeoutMs: number;
  readonly progress: (words: string) => void;
}

export async function waitForConnected({ client, programs, clusters, timeoutMs, progress }: Waiting): Promise<string> {
  const look = async (): Promise<string | undefined> => {
    for (const program of programs) await program.check();
    const { clusters: counts } = await client.get<Summary>('/summary');
    progress(print(counts));
    return (counts['connected'] ?? 0) >= clusters ? `${counts['connected']} connected over mutual TLS` : undefined;
  };
  return until(look, 'the agents connect', { withinMs: timeoutMs }).catch(async (error: Error) => {
    const words = await Promise.all(programs.slice(1).map((program) => program.lastWords()));
    throw new Error([error.message, ...words].join('\n    '));
  });
}

/** Resolves when every target is healthy. @throws Error naming what is not: as soon as nothing moves on, or when it takes too long */
export async function waitForHealthy({ client, programs, timeoutMs, progress }: Waiting): Promise<string> {
  let restSince: number | undefined;
  const look = async (): Promise<string | undefined> => {
    for (const program of programs) await program.check();
    const summary = await client.get<Summary>('/summary');
    progress(`${print(summary.targets)}   rollouts: ${print(summary.rollouts) || 'done'}`);
    restSince = isAtRest(summary) ? (restSince ?? Date.now()) : undefined;
    if (summary.hub.mode !== 'normal')
      throw new Error(`the hub decides nothing: ${summary.hub.reason ?? summary.hub.mode}   → flotilla hub status`);
    if (Date.now() - (restSince ?? Date.now()) > REST_MS)
      throw new Error('the fleet is not healthy, and nothing moves on by itself');
    return allHealthy(summary);
  };
  return until(look, 'every target gets healthy', { withinMs: timeoutMs }).catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await reasons(client)}`);
  });
}

function allHealthy({ healthy, targets, rollouts }: Summary): string | undefined {
  const count = Object.values(targets).reduce((sum, each) => sum + each, 0);
  const moving = Object.keys(rollouts).length > 0;
  return healthy && count > 0 && !moving ? `${count} ${count === 1 ? 'target' : 'targets'} healthy` : undefined;
}

/** As `waitForHealthy`, but what an earlier start left behind keeps nobody from going on: it is told instead. */
export async function settle(waiting: Waiting): Promise<string> {
  return waitForHealthy(waiting).catch(async (error: Error) => {
    for (const program of waiting.programs) await program.check();
    return error.message;
  });
}

const STOPPED = ['paused', 'held', 'halted', 'rolledBack', 'aborted'];
const AT_REST = ['healthy', 'pending', 'failed', 'suspended', 'leaving'];
/** What rests so long waits for a person: a rollout that is about to begin rests for a moment too. */
const REST_MS = 10_000;

/** No rollout runs, no target is on its way anywhere, and still not all are healthy. */
function isAtRest({ rollouts, targets }: Summary): boolean {
  const states = Object.keys(targets);
  const running = Object.keys(rollouts).some((state) => !STOPPED.includes(state));
  return !running && states.some((state) => state !== 'healthy') && states.every((state) => AT_REST.includes(state));
}

async function reasons(client: HubClient): Promise<string> {
  const [problems, targets] = await Promise.all([
    client.get<Page<Problem>>('/problems?severity=error&limit=10'),
    client.get<Page<Target>>('/targets?unhealthy=true&limit=10'),
  ]);
  const lines = [
    ...problems.items.map(({ file, line, message }) => `${file}:${line}  ${message}`),
    ...targets.items.map(
      ({ app, cluster, state, problems: [first] }) =>
        `${app} on ${cluster}  ${state}  ${first ? `${first.code}: ${first.summary || first.message}` : ''}`,
    ),
  ];
  return lines.map((line) => `    ${line.trimEnd()}`).join('\n');
}
