import createClient from 'openapi-fetch';
import type { Client } from 'openapi-fetch';
import type { HubContext } from '../config/context-store.js';
import { CliError } from '../exit.js';
import type { ExitName } from '../exit.js';
import type { components, paths } from './generated/schema.js';

export type Api = Client<paths>;
export type Schemas = components['schemas'];

/** Reads are quick; an act may wait for Git or for the leader. */
const READ_PATIENCE_MS = 20_000;
const ACT_PATIENCE_MS = 120_000;

function patienceFor({ method }: Request, patienceMs: number | undefined): number {
  return patienceMs ?? (method === 'GET' ? READ_PATIENCE_MS : ACT_PATIENCE_MS);
}

/** A hub that takes the call and never answers must not hold anybody for ever. */
async function patientFetch(request: Request, patienceMs: number, base: string): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(patienceMs) });
  } catch (error) {
    throw unreachable(base, (error as Error).name === 'TimeoutError' ? silence(patienceMs) : error);
  }
}

function silence(patienceMs: number): Error {
  return new Error(`no answer within ${patienceMs / 1_000} s`);
}

/** A typed client of one hub. @param patienceMs how long an answer may take; by kind of call without it */
export function apiClient(context: HubContext, patienceMs?: number): Api {
  const base = context.url.replace(/\/+$/, '');
  return createClient<paths>({
    baseUrl: base,
    headers: { authorization: `Bearer ${context.token}` },
    fetch: (request: Request) => patientFetch(request, patienceFor(request, patienceMs), base),
  });
}

export function unreachable(url: string, error: unknown): CliError {
  const cause = (error as { cause?: { code?: string; message?: string } }).cause;
  const why = cause?.code ?? cause?.message ?? (error as Error).message;
  if (DISTRUST.test(why))
    return new CliError(
      'unreachable',
      `the certificate of ${url} is not trusted: ${why}`,
      'NODE_EXTRA_CA_CERTS=ca.pem',
    );
  return new CliError('unreachable', `the hub at ${url} does not answer: ${why}`, 'flotilla doctor');
}

/** Codes of Node's TLS for a certificate that it does not take. */
const DISTRUST = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)/;

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
