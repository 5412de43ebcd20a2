import { ApiClient } from '../control-plane/api-client.js';
import type { ApiRequest } from '../control-plane/api-client.js';
import type { ClusterApi, ClusterApiOptions } from './cluster-api.js';
import type { JsonObject, KubeObject } from './json.js';
import { startClusterApi } from './start-cluster-api.js';

export const MERGE = 'application/merge-patch+json';
export const APPLY = 'application/apply-patch+yaml';

/** A running cluster and a client of its administrator, for specs; disposing it ends both. */
export interface OpenCluster extends AsyncDisposable {
  readonly api: ClusterApi;
  readonly client: ApiClient;
  call(method: string, path: string, options?: ApiRequest): Promise<{ status: number; body: KubeObject & JsonObject }>;
  apply(path: string, body: JsonObject, query?: string): Promise<KubeObject & JsonObject>;
}

export async function openCluster(options: ClusterApiOptions = {}): Promise<OpenCluster> {
  const api = await startClusterApi({ podReadyMs: 1, ...options });
  const client = new ApiClient(api);
  const call: OpenCluster['call'] = async (method, path, request) => {
    const { status, body } = await client.call(method, path, request);
    return { status, body: body as KubeObject & JsonObject };
  };
  return {
    api,
    client,
    call,
    apply: async (path, body, query = 'fieldManager=test') =>
      (await call('PATCH', `${path}?${query}`, { body, contentType: APPLY })).body,
    [Symbol.asyncDispose]: async () => {
      client[Symbol.dispose]();
      await api.close();
    },
  };
}

export function configMap(name: string, data: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

export function deployment(name: string, spec: JsonObject = {}, image = 'web:1.0'): JsonObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { selector: { matchLabels: labels }, template, ...spec },
  };
}

export const DEFAULT = '/api/v1/namespaces/default';
export const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

/** The events of a watch as they come, until it ends. */
export async function* watchEvents(
  client: ApiClient,
  path: string,
): AsyncGenerator<{ type: string; object: KubeObject & JsonObject }> {
  const response = await client.open('GET', path);
  let text = '';
  for await (const chunk of response as AsyncIterable<Buffer>) {
    text += chunk.toString();
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line) as { type: string; object: KubeObject & JsonObject };
  }
}
