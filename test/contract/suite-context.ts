import { afterAll, beforeAll } from 'vitest';
import { ContractClient } from './contract-cluster.js';
import type { ContractCluster, KubeObject, StartCluster } from './contract-cluster.js';
import { eventually } from './eventually.js';

/** The cluster of a suite: one for all its tests, each of which works in a namespace of its own. */
export interface Suite {
  readonly client: ContractClient;
  readonly cluster: ContractCluster;
  /** A new namespace. Returns paths in it, by resource. */
  namespace(): Promise<Namespace>;
}

export interface Namespace {
  readonly name: string;
  /** Path of a collection, as `configmaps` or `apps/v1/deployments`, or of an object in it. */
  readonly path: (collection: string, name?: string) => string;
}

/** Starts the cluster before the tests of the surrounding `describe`, and ends it after them. */
export function useCluster(start: StartCluster): Suite {
  let open: { cluster: ContractCluster; client: ContractClient } | undefined;
  let count = 0;
  beforeAll(async () => {
    const cluster = await start();
    open = { cluster, client: new ContractClient(cluster) };
  });
  afterAll(async () => {
    open?.client[Symbol.dispose]();
    await open?.cluster[Symbol.asyncDispose]();
  });
  const opened = (): NonNullable<typeof open> => {
    if (!open) throw new Error('the cluster of this suite has not started');
    return open;
  };
  return {
    get client() {
      return opened().client;
    },
    get cluster() {
      return opened().cluster;
    },
    async namespace() {
      const name = `contract-${++count}`;
      const { client } = opened();
      await client.create('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      // Pods are refused until their service account is there.
      await eventually(() => client.exists(`/api/v1/namespaces/${name}/serviceaccounts/default`));
      return { name, path: (collection, object) => namespacedPath(name, collection, object) };
    },
  };
}

function namespacedPath(namespace: string, collection: string, name?: string): string {
  const parts = collection.split('/');
  const resource = parts.pop() ?? '';
  const root = parts.length === 0 ? '/api/v1' : `/apis/${parts.join('/')}`;
  return `${root}/namespaces/${namespace}/${resource}${name === undefined ? '' : `/${name}`}`;
}

export type Managers = Readonly<Record<string, unknown>>;

/** Fields by manager and operation, as `flotilla Apply`. */
export function managersOf(object: KubeObject): Managers {
  return Object.fromEntries(
    (object.metadata.managedFields ?? []).map(({ manager, operation, subresource, fieldsV1 }) => [
      [manager, operation, subresource].filter(Boolean).join(' '),
      fieldsV1,
    ]),
  );
}
