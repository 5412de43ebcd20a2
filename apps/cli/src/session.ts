import type { Api } from './api/client.js';
import { apiClient } from './api/client.js';
import type { HubContext } from './config/context-store.js';
import { loadContexts } from './config/context-store.js';
import type { Environment } from './config/environment.js';
import { CliError } from './exit.js';
import type { Paint } from './output/paint.js';
import { painter } from './output/paint.js';

/** Where output goes: data to stdout, prose to stderr. */
export interface Streams {
  out(text: string): void;
  err(text: string): void;
}

/** What a command works with. `context` names another hub than the current one. */
export class Session {
  readonly paint: Paint;

  constructor(
    readonly environment: Environment,
    readonly streams: Streams,
    private readonly contextName: string | undefined = environment.context,
  ) {
    this.paint = painter(environment.color);
  }

  out(text: string): void {
    this.streams.out(`${text}\n`);
  }

  err(text: string): void {
    this.streams.err(`${text}\n`);
  }

  async hub(): Promise<HubContext> {
    const { url, token, configFile } = this.environment;
    if (url !== undefined && token !== undefined && this.contextName === undefined) return { url, token };
    const { current, contexts } = await loadContexts(configFile);
    const name = this.contextName ?? current;
    const found = name === undefined ? undefined : contexts[name];
    if (found) return found;
    const message = name === undefined ? 'you are not logged in to a hub' : `there is no context ${name}`;
    throw new CliError('usage', message, 'flotilla login URL --token-file FILE');
  }

  /** @param patienceMs how long an answer may take; by kind of call without it */
  async api(patienceMs?: number): Promise<Api> {
    return apiClient(await this.hub(), patienceMs);
  }
}
