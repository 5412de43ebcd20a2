import type { HubContext } from '../config/context-store.js';
import { CliError } from '../exit.js';
import { refusal, unreachable } from './client.js';
import { readEvents } from './server-sent-events.js';

/** A line of the live stream; `open` stands for every time that the stream begins, also anew. */
export interface Change {
  readonly kind: string;
  readonly at: string;
  readonly message: string;
  readonly app?: string;
  readonly cluster?: string;
  readonly name?: string;
}

export interface FollowOptions {
  readonly app?: string;
  readonly cluster?: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Told once per loss. */
  readonly onLoss?: (error: CliError) => void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Changes as they happen, for ever: when the stream ends it is opened again. What happened in between is not told: a
 * reader looks anew at each `open`.
 * @throws CliError when it cannot be opened the first time, or is refused
 */
export async function* followChanges(hub: HubContext, options: FollowOptions): AsyncGenerator<Change> {
  let pauseMs = FIRST_PAUSE_MS;
  let opened = false;
  for (;;) {
    try {
      for await (const change of oneStream(hub, options)) {
        opened = true;
        pauseMs = FIRST_PAUSE_MS;
        yield change;
      }
    } catch (error) {
      if (options.signal?.aborted === true) return;
      const lost = lossOf(hub, error);
      if (!opened || lost.exit !== 'unreachable') throw lost;
      if (pauseMs === FIRST_PAUSE_MS) options.onLoss?.(lost);
    }
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  }
}

function lossOf(hub: HubContext, error: unknown): CliError {
  return error instanceof CliError ? error : unreachable(hub.url, error);
}

async function* oneStream(hub: HubContext, { app, cluster, signal }: FollowOptions): AsyncGenerator<Change> {
  const url = new URL(`${hub.url.replace(/\/+$/, '')}/api/v1/stream`);
  if (app !== undefined) url.searchParams.set('app', app);
  if (cluster !== undefined) url.searchParams.set('cluster', cluster);
  const headers = { authorization: `Bearer ${hub.token}` };
  const response = await fetch(url, { headers, ...(signal === undefined ? {} : { signal }) });
  if (!response.ok || response.body === null) {
    throw refusal(response.status, await response.json().catch(() => undefined));
  }
  for await (const { type, data } of readEvents(response.body)) {
    if (type !== 'keepAlive') yield { message: '', ...(JSON.parse(data) as object), kind: type } as Change;
  }
}
