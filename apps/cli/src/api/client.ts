import createClient from 'openapi-fetch';
import type { Client } from 'openapi-fetch';
import type { HubContext } from '../config/context-store.js';
import { CliError } from '../exit.js';
import type { ExitName } from '../exit.js';
import type { components, paths } from './generated/schema.js';

export type Api = Client<paths>;
export type Schemas = components['schemas'];

/** A typed client of one hub. */
export function apiClient(context: HubContext): Api {
  const base = context.url.replace(/\/+$/, '');
  return createClient<paths>({
    baseUrl: base,
    headers: { authorization: `Bearer ${context.token}` },
    fetch: (request: Request) => fetch(request).catch((error: unknown) => Promise.reject(unreachable(base, error))),
  });
}

export function unreachable(url: string, error: unknown): CliError {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  const why = cause?.code ?? cause?.message ?? (error as Error).message;
  return new CliError('unreachable', `the hub at ${url} does not answer: ${why}`, 'flotilla doctor');
}

interface Result<T> {
  readonly data?: T;
  readonly error?: unknown;
  readonly response: Response;
}

/** The body of an answer. @throws CliError with what the hub said. */
export async function bodyOf<T>(call: Promise<Result<T>>): Promise<T> {
  const { data, error, response } = await call;
  if (response.ok) return data as T;
  throw refusal(response.status, error);
}

interface Problem {
  readonly detail?: string;
  readonly title?: string;
  readonly hint?: string;
  readonly code?: string;
}

/** What the hub said when it did not do what was asked. */
export function refusal(status: number, error: unknown): CliError {
  const problem: Problem = typeof error === 'object' && error !== null ? error : {};
  const message = problem.detail ?? problem.title ?? `the hub answered ${status}`;
  return new CliError(exitOf(status), message, problem.hint);
}

function exitOf(status: number): ExitName {
  if (status === 400 || status === 404) return 'usage';
  if (status === 504) return 'timeout';
  return status >= 500 ? 'unreachable' : 'refused';
}
