import type { Json, JsonObject, KubeObject } from '@flotilla/domain';
import { memberObject, memberText, parseJson, printJson } from '@flotilla/domain';
import { isApiFault } from './api-fault.js';
import { printApplyBody } from './apply-body.js';
import type { Connection } from './connection.js';
import { Discovery } from './discovery.js';
import type { ResourceType } from './resource-type.js';
import { pathOf } from './resource-type.js';
import type { AnswerObserver, ApiAnswer, ApiRequest, CallObserver, WriteGuard } from './transport.js';
import { Transport } from './transport.js';
import type { WatchEvent, WatchOptions } from './watch.js';
import { openWatch } from './watch.js';

/** The one field manager of everything that Flotilla applies. Frozen: a change would orphan every field. */
export const FIELD_MANAGER = 'flotilla';

/** Names one object for a call. */
export interface ObjectAddress {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
}

export interface CallOptions {
  readonly impersonate?: string | undefined;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** False: the write does not pass the guard. Only for what the guard itself depends on. */
  readonly guarded?: boolean;
}

export interface ApplyOptions extends CallOptions {
  /** Take conflicting fields from their managers. */
  readonly force?: boolean;
  readonly dryRun?: boolean;
}

export interface ListOptions extends CallOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly limit?: number;
  /** Objects come without anything but their metadata. */
  readonly metadataOnly?: boolean;
}

export interface ObjectList {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

export interface DeleteOptions extends CallOptions {
  readonly uid: string;
  readonly resourceVersion?: string;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
}

export type PatchType = 'json' | 'merge';

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
};

/** A write that takes longer is given up, by us and by the server: webhooks may take 30 s. */
export const WRITE_TIMEOUT_MS = 34_000;
const PAGE = 500;
const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
const JSON_TYPE = 'application/json';

/** Calls to one API server with raw JSON objects. Refusals are thrown as ApiFaults; bodies are never logged. */
export class KubeClient {
  readonly discovery: Discovery;
  private readonly transport: Transport;
  private guard: WriteGuard | undefined;

  constructor(
    private readonly connection: Connection,
    observe?: CallObserver,
    answered?: AnswerObserver,
  ) {
    this.transport = new Transport(connection, observe, answered);
    this.discovery = new Discovery(this.transport);
  }

  get server(): URL {
    return this.connection.server;
  }

  close(): void {
    this.connection.close();
  }

  /** From now on every write asks first. */
  guardWrites(guard: WriteGuard): void {
    this.guard = guard;
  }

  private write(request: ApiRequest, { guarded = true, ...call }: CallOptions): Promise<ApiAnswer> {
    const timeoutMs = call.timeoutMs ?? WRITE_TIMEOUT_MS;
    const query = { ...request.query, timeout: `${Math.ceil(timeoutMs / 1_000)}s` };
    return this.transport.send({ ...request, ...call, query, timeoutMs, guard: guarded ? this.guard : undefined });
  }

  async get(address: ObjectAddress, options: CallOptions = {}): Promise<KubeObject> {
    const path = pathOf(address.type, address.namespace, address.name);
    return parseObject(await this.transport.send({ method: 'GET', path, ...options }));
  }

  /** The object, or undefined when the server says that it does not exist. */
  async find(address: ObjectAddress, options: CallOptions = {}): Promise<KubeObject | undefined> {
    try {
      return await this.get(address, options);
    } catch (error) {
      if (isApiFault(error, 'NotFound')) return undefined;
      throw error;
    }
  }

  /** All objects of a resource, page by page. */
  async list(type: ResourceType, namespace: string, options: ListOptions = {}): Promise<ObjectList> {
    const items: KubeObject[] = [];
    let next = '';
    let resourceVersion = '';
    do {
      const page = await this.listPage(type, namespace, { ...options, next });
      for (const item of page.items) items.push(item);
      ({ next, resourceVersion } = page);
    } while (next !== '' && (options.limit === undefined || items.length < options.limit));
    return { items, resourceVersion };
  }

  private async listPage(
    type: ResourceType,
    namespace: string,
    options: ListOptions & { next: string },
  ): Promise<ObjectList & { next: string }> {
    const { labelSelector, fieldSelector, limit = PAGE, next, metadataOnly = false, ...call } = options;
    const query = { labelSelector, fieldSelector, limit, continue: next };
    const accept = metadataOnly ? METADATA_LIST : JSON_TYPE;
    const answer = await this.transport.send({ method: 'GET', path: pathOf(type, namespace), query, accept, ...call });
    const body = parseJson(answer.body) as JsonObject;
    const metadata = memberObject(body, 'metadata');
    // Items of a list carry no apiVersion and kind of their own.
    const named = { apiVersion: body['apiVersion'], kind: memberText(body, 'kind').replace(/List$/, '') };
    const items = ((body['items'] ?? []) as readonly JsonObject[]).map((item) => ({ ...named, ...item }) as KubeObject);
    return {
      items,
      resourceVersion: memberText(metadata, 'resourceVersion'),
      next: memberText(metadata, 'continue'),
    };
  }

  /** One watch connection, until it closes. See `followResource` for one that resumes. */
  watch(type: ResourceType, options: WatchOptions): Promise<AsyncGenerator<WatchEvent>> {
    return openWatch(this.transport, type, options);
  }

  async apply(address: ObjectAddress, object: JsonObject, options: ApplyOptions = {}): Promise<KubeObject> {
    const { force = false, dryRun = false, ...call } = options;
    const request = {
      method: 'PATCH',
      path: pathOf(address.type, address.namespace, address.name),
      query: { fieldManager: FIELD_MANAGER, force: String(force), dryRun: dryRun ? 'All' : undefined },
      body: printApplyBody(object),
      contentType: 'application/apply-patch+yaml',
    } as const;
    return parseObject(await this.write(request, dryRun ? { ...call, guarded: false } : call));
  }

  async create(type: ResourceType, object: KubeObject, options: CallOptions = {}): Promise<KubeObject> {
    const request = {
      method: 'POST',
      path: pathOf(type, object.metadata.namespace ?? ''),
      query: { fieldManager: FIELD_MANAGER },
      body: printJson(object),
    } as const;
    return parseObject(await this.write(request, options));
  }

  async replace(
    address: ObjectAddress,
    object: KubeObject,
    options: CallOptions & { readonly dryRun?: boolean } = {},
  ): Promise<KubeObject> {
    const { dryRun = false, ...call } = options;
    const request = {
      method: 'PUT',
      path: pathOf(address.type, address.namespace, address.name),
      query: { fieldManager: FIELD_MANAGER, dryRun: dryRun ? 'All' : undefined },
      body: printJson(object),
    } as const;
    return parseObject(await this.write(request, dryRun ? { ...call, guarded: false } : call));
  }

  async patch(address: ObjectAddress, patch: Json, options: CallOptions & { type: PatchType }): Promise<KubeObject> {
    const { type, ...call } = options;
    const request = {
      method: 'PATCH',
      path: pathOf(address.type, address.namespace, address.name),
      query: { fieldManager: FIELD_MANAGER },
      body: printJson(patch),
      contentType: PATCH_TYPES[type],
    } as const;
    return parseObject(await this.write(request, call));
  }

  /** Deletes exactly the object with this UID (and resource version): another one of the same name is a Conflict. */
  async delete(address: ObjectAddress, options: DeleteOptions): Promise<void> {
    const { uid, resourceVersion, propagation = 'Background', ...call } = options;
    const preconditions = { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) };
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', propagationPolicy: propagation, preconditions };
    const path = pathOf(address.type, address.namespace, address.name);
    await this.write({ method: 'DELETE', path, body: JSON.stringify(body) }, call);
  }

  /** The server's own version, e.g. `v1.36.3`. */
  async fetchVersion(): Promise<string> {
    const answer = await this.transport.send({ method: 'GET', path: '/version' });
    return memberText(JSON.parse(answer.body) as JsonObject, 'gitVersion');
  }
}

function parseObject(answer: { readonly body: string }): KubeObject {
  return parseJson(answer.body) as KubeObject;
}
