import type { HubClient, Page, Problem, Summary, Target } from './hub-client.js';
import type { Program } from './program.js';
import { until } from './program.js';

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
  return until(look, timeoutMs, 'the agents connect').catch(async (error: Error) => {
    const words = await Promise.all(programs.slice(1).map((program) => program.lastWords()));
    throw new Error([error.message, ...words].join('\n    '));
  });
}

/** Resolves when every target is healthy. @throws Error naming what is not, when it takes too long. */
export async function waitForHealthy({ client, programs, timeoutMs, progress }: Waiting): Promise<string> {
  const look = async (): Promise<string | undefined> => {
    for (const program of programs) await program.check();
    const summary = await client.get<Summary>('/summary');
    progress(`${print(summary.targets)}   rollouts: ${print(summary.rollouts) || 'done'}`);
    const targets = Object.values(summary.targets).reduce((sum, count) => sum + count, 0);
    const moving = Object.keys(summary.rollouts).length > 0;
    return summary.healthy && targets > 0 && !moving
      ? `${targets} ${targets === 1 ? 'target' : 'targets'} healthy`
      : undefined;
  };
  return until(look, timeoutMs, 'every target gets healthy').catch(async (error: Error) => {
    throw new Error(`${error.message}\n${await reasons(client)}`);
  });
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
