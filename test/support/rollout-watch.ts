import { isDeepStrictEqual } from 'node:util';
import { query, until } from '@flotilla/testing';
import { runFlotilla, steadyScreen } from './run-flotilla.js';
import type { World } from './world.js';

export interface BlockItem {
  readonly kind: string;
  readonly who: string;
  readonly wave?: string;
  readonly cluster?: string;
}

export interface WaveItem {
  readonly name: string;
  readonly phase: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly clusters: readonly string[];
}

export interface RolloutItem {
  readonly state: string;
  readonly release: { readonly number: number; readonly commit: string; readonly subject: string };
  readonly waves: readonly WaveItem[];
  readonly blockedBy: readonly BlockItem[];
  readonly allowed: readonly { readonly release: number; readonly targets: number }[];
}

export interface WhyItem {
  readonly failed: readonly {
    readonly cluster: string;
    readonly wave: string;
    readonly reason: string;
    readonly message: string;
  }[];
  readonly unhealthy: readonly { readonly cluster: string }[];
  readonly removals: readonly { readonly cluster: string }[];
  readonly next: readonly string[];
}

interface HistoryItem {
  readonly at: string;
  readonly kind: string;
  readonly wave: string | null;
  readonly cluster: string | null;
  readonly message: string;
  readonly clusters: readonly string[];
  readonly evidence: readonly { readonly cluster: string; readonly version: string; readonly bundle: string }[];
}

/** What people see of one app's rollouts. */
export class RolloutWatch {
  constructor(
    private readonly world: World,
    private readonly app: string,
  ) {}

  get(): Promise<RolloutItem> {
    return this.world.api.get<RolloutItem>(`/apps/${this.app}/rollout`);
  }

  why(): Promise<WhyItem> {
    return this.world.api.get<WhyItem>(`/apps/${this.app}/why`);
  }

  /** Resolves when the rollout of that release satisfies the condition. */
  is(release: number, condition: (rollout: RolloutItem) => boolean, withinMs?: number): Promise<RolloutItem> {
    let last: RolloutItem | undefined;
    const look = async (): Promise<RolloutItem | undefined> => {
      last = await this.get().catch(() => undefined);
      return last?.release.number === release && condition(last) ? last : undefined;
    };
    const details = (): string => `${JSON.stringify(last)}\n${this.world.hub.log.slice(-3_000)}`;
    return until(look, `#${release}: ${String(condition)}`, { details, ...(withinMs !== undefined && { withinMs }) });
  }

  /** Resolves when a wave of that release waits for an approval and nothing else, as `wave` says. */
  asksFor(release: number, wave: string): Promise<RolloutItem> {
    return this.is(release, (rollout) => {
      const kinds = rollout.blockedBy.filter((block) => block.wave === wave).map(({ kind }) => kind);
      return kinds.length === 1 && kinds[0] === 'approval';
    });
  }

  async act(act: string, body: object = {}): Promise<void> {
    await this.world.api.post(`/apps/${this.app}/rollout/acts/${act}`, { reason: 'as planned', ...body });
  }

  /** Resolves when `flotilla LINE APP` answers with that code and one of the screens, but for what differs from run to run. */
  async shows(line: string, code: number, ...screens: readonly (readonly string[])[]): Promise<void> {
    const { api, folder } = this.world;
    const env = { HOME: folder, FLOTILLA_URL: api.url, FLOTILLA_TOKEN: await api.token() };
    let last: object = {};
    const look = async (): Promise<true | undefined> => {
      const { out, err, ...answer } = await runFlotilla([...line.split(' '), this.app], env, folder);
      last = { code: answer.code, screen: steadyScreen(`${out}${err}`) };
      return screens.some((screen) => isDeepStrictEqual(last, { code, screen })) || undefined;
    };
    await until(look, `${line} shows ${JSON.stringify(screens, null, 1)}`, () => JSON.stringify(last, null, 1));
  }

  history(release: number): Promise<HistoryItem[]> {
    return this.world.api.items<HistoryItem>(`/apps/${this.app}/rollout/history?release=${release}`);
  }

  /** Decisions and acts in words: kind, wave, clusters. */
  async story(release: number): Promise<string[]> {
    const lines = (await this.history(release)).filter(({ kind }) => kind !== 'healthy');
    return lines.map(({ kind, wave, cluster, clusters }) =>
      [kind, wave, cluster, ...clusters].filter((word) => word !== null).join(' '),
    );
  }
}

/**
 * The same story with one line per cluster, and the assignments of a wave that follow each other sorted: which of them comes
 * first depends on whose agent is connected.
 */
export function walkOf(story: readonly string[]): string[] {
  const lines = story.flatMap((line) => {
    const [kind, wave, ...clusters] = line.split(' ');
    return kind === 'assigned' ? clusters.map((cluster) => `assigned ${wave} ${cluster}`) : [line];
  });
  const runs: string[][] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (line.startsWith('assigned') && last?.[0]?.startsWith('assigned')) last.push(line);
    else runs.push([line]);
  }
  return runs.flatMap((run) => run.sort());
}

/** Every reason why it does not go on, as `kind wave cluster`. */
export function blocksOf({ blockedBy }: RolloutItem): string[] {
  return blockedBy.map(({ kind, wave, cluster }) => [kind, wave, cluster].filter(Boolean).join(' '));
}

export function phasesOf({ waves }: RolloutItem): Record<string, string> {
  return Object.fromEntries(waves.map(({ name, phase }) => [name, phase]));
}

/** A new leader fails nothing for a minute; this hub is made to have led for an hour. */
export async function endGrace({ databaseUrl }: World): Promise<void> {
  await query(databaseUrl, `UPDATE leader SET elected_at = now() - interval '1 hour'`);
}
