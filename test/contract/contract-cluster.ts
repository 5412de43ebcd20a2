import { ApiClient } from '@flotilla/testing';
import type { ApiAnswer, ApiRequest } from '@flotilla/testing';

/** What the suite needs of a cluster; both the embedded API and the real one can be started as this. */
export interface ContractCluster extends AsyncDisposable {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  /** Makes older versions and continue tokens 410, as compaction does in time. */
  forgetHistory(): Promise<void>;
  writeKubeconfig(file: string): Promise<void>;
}

export type StartCluster = () => Promise<ContractCluster>;

export type Body = { [key: string]: unknown };

/** An object as the API answers it. Tests read what they expect; a wrong guess fails as `undefined`. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Metadata;
  readonly [key: string]: unknown;
}

interface Metadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly deletionTimestamp?: string;
  readonly finalizers?: readonly string[];
  readonly managedFields?: readonly ManagedFields[];
}

export interface ManagedFields {
  readonly manager: string;
  readonly operation: string;
  readonly subresource?: string;
  readonly fieldsType: string;
  readonly fieldsV1: Body;
}

/** A `Status`, the API's answer to what it refuses. */
export interface Refusal {
  readonly kind: 'Status';
  readonly status: 'Failure';
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly details?: {
    readonly name?: string;
    readonly kind?: string;
    readonly causes?: readonly { readonly reason?: string; readonly message: string; readonly field?: string }[];
  };
}

export const APPLY = 'application/apply-patch+yaml';
export const MERGE = 'application/merge-patch+json';
export const JSON_PATCH = 'application/json-patch+json';
export const STRATEGIC = 'application/strategic-merge-patch+json';

export interface ApplyOptions {
  readonly manager?: string;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly subresource?: string;
  /** The body as text, when it is not what JSON.stringify makes of the object. */
  readonly text?: string;
}

/** Calls of the suite: succeed and return the object, or are refused and return the reason. */
export class ContractClient implements Disposable {
  readonly api: ApiClient;

  constructor(readonly cluster: Pick<ContractCluster, 'url' | 'caPem' | 'token'>) {
    this.api = new ApiClient(cluster);
  }

  [Symbol.dispose](): void {
    this.api[Symbol.dispose]();
  }

  /** @throws Error with the API's answer when it is a failure. */
  async ok(method: string, path: string, options: ApiRequest = {}): Promise<KubeObject> {
    const answer = await this.api.call(method, path, options);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body as KubeObject;
  }

  /** @throws Error when it is no failure. */
  async refused(method: string, path: string, options: ApiRequest = {}): Promise<Refusal> {
    return asRefusal(await this.api.call(method, path, options), `${method} ${path}`);
  }

  get(path: string): Promise<KubeObject> {
    return this.ok('GET', path);
  }

  create(path: string, body: Body): Promise<KubeObject> {
    return this.ok('POST', path, { body });
  }

  patch(path: string, body: unknown, contentType = MERGE): Promise<KubeObject> {
    return this.ok('PATCH', path, { body, contentType });
  }

  apply(path: string, body: Body, options: ApplyOptions = {}): Promise<KubeObject> {
    return this.ok('PATCH', applyPath(path, options), applyRequest(body, options));
  }

  applyRefused(path: string, body: Body, options: ApplyOptions = {}): Promise<Refusal> {
    return this.refused('PATCH', applyPath(path, options), applyRequest(body, options));
  }

  /** 404, or not. */
  async exists(path: string): Promise<boolean> {
    return (await this.api.call('GET', path)).status !== 404;
  }
}

function applyPath(path: string, { manager = 'flotilla', force, dryRun, subresource }: ApplyOptions): string {
  const query = new URLSearchParams({ fieldManager: manager });
  if (force === true) query.set('force', 'true');
  if (dryRun === true) query.set('dryRun', 'All');
  return `${path}${subresource === undefined ? '' : `/${subresource}`}?${query.toString()}`;
}

function applyRequest(body: Body, { text }: ApplyOptions): ApiRequest {
  return { contentType: APPLY, ...(text === undefined ? { body } : { text }) };
}

function asRefusal(answer: ApiAnswer, what: string): Refusal {
  if (answer.status < 400) throw new Error(`${what} was not refused: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body as Refusal;
}
