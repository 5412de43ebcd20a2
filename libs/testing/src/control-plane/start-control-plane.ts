import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KeyPair } from '../cluster-api/access/authority.js';
import { renderKubeconfig } from '../cluster-api/access/kubeconfig.js';
import { freePort } from '../postgres/start-postgres.js';
import { ApiClient } from './api-client.js';
import { compactStore } from './compact-store.js';
import type { Ports } from './component-flags.js';
import { Components } from './components.js';
import { makeCredentials } from './credentials.js';
import type { Progress } from './ensure-assets.js';
import { ensureKubernetesAssets, isAlive } from './ensure-assets.js';

const FOLDER = /^flotilla-control-plane-(\d+)-/;

export interface ControlPlaneOptions {
  /** Name of the context in kubeconfigs. Default `real`. */
  readonly name?: string;
  /** Node objects to begin with. Default 1. */
  readonly nodes?: number;
  /** File that takes one line of JSON per request: who, as whom, what, and the answer. */
  readonly auditLog?: string;
  /** Told when the assets have to be built first. */
  readonly progress?: Progress;
}

/** A real Kubernetes control plane on loopback, whose Pods get ready without containers. Disposing it ends it at once. */
export interface ControlPlane extends AsyncDisposable {
  readonly name: string;
  readonly url: string;
  readonly caPem: string;
  /** Bearer token of the administrator (`system:masters`). */
  readonly token: string;
  /** Kubeconfig (YAML) of the administrator, or of the owner of that token. */
  kubeconfig(token?: string): string;
  writeKubeconfig(file: string, token?: string): Promise<void>;
  issueClientCertificate(name: string, groups?: readonly string[]): Promise<KeyPair>;
  /** Forgets all history, as the API server does every five minutes. Its caches learn of it within 15 s. */
  compact(): Promise<void>;
  /** Kills the API server, as a crash does; its store keeps what was written. */
  stopApiServer(): Promise<void>;
  /** Starts it again on the same port, and the controllers anew. Resolves when it is ready. */
  startApiServer(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts etcd, kube-apiserver, kube-controller-manager, kube-scheduler and kwok on free ports, in a temporary folder, and
 * waits until a Pod could run (4 s). They are killed on dispose, and when this process dies.
 * @throws Error with a component's last words when it does not come up; Error that says what to do when there are no assets.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const assets = await ensureKubernetesAssets(options.progress);
  const name = options.name ?? 'real';
  const folder = await newFolder();
  const ports = await freePorts();
  const url = `https://127.0.0.1:${ports.apiServer}`;
  const credentials = await makeCredentials(join(folder, 'credentials'), { name, url });
  const plane = new Components({ assets, folder, ports, credentials, auditLog: options.auditLog });
  const { token, authority } = credentials;
  const cluster = { name, url, caPem: authority.pair.cert };
  const kubeconfig = (owner = token): string => renderKubeconfig(cluster, { token: owner });
  const client = new ApiClient({ ...cluster, token });
  const close = async (): Promise<void> => {
    client[Symbol.dispose]();
    await plane.close();
  };
  try {
    await plane.start(client);
    await addNodes(client, options.nodes ?? 1);
    await untilReady(client, plane, options.nodes ?? 1);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ...cluster,
    token,
    kubeconfig,
    writeKubeconfig: (file, owner) => writeFile(file, kubeconfig(owner), { mode: 0o600 }),
    issueClientCertificate: (user, groups = []) => authority.issueClient(user, groups),
    compact: () => compactStore(client, ports.etcd),
    stopApiServer: () => plane.kill(['kube-apiserver']),
    async startApiServer() {
      await plane.kill(['kube-controller-manager', 'kube-scheduler', 'kwok']);
      await plane.start(client);
      await untilReady(client, plane, options.nodes ?? 1);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** A new folder, named by the process that owns it. Those of processes that died without disposing theirs are removed. */
async function newFolder(): Promise<string> {
  for (const name of await readdir(tmpdir())) {
    const owner = FOLDER.exec(name)?.[1];
    if (owner !== undefined && !isAlive(Number(owner)))
      await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
  return mkdtemp(join(tmpdir(), `flotilla-control-plane-${process.pid}-`));
}

async function freePorts(): Promise<Ports> {
  const [etcd = 0, etcdPeer = 0, apiServer = 0, controllerManager = 0, scheduler = 0] = await Promise.all(
    Array.from({ length: 5 }, () => freePort()),
  );
  return { etcd, etcdPeer, apiServer, controllerManager, scheduler };
}

async function addNodes(client: ApiClient, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    const labels = { 'kubernetes.io/hostname': `node-${i}`, 'kubernetes.io/os': 'linux' };
    const body = { apiVersion: 'v1', kind: 'Node', metadata: { name: `node-${i}`, labels } };
    const { status } = await client.call('POST', '/api/v1/nodes', { body });
    if (status !== 201) throw new Error(`the API server refused a Node: ${status}`);
  }
}

/** Nodes are ready and free of taints, and the controllers have made what every Pod needs. */
async function untilReady(client: ApiClient, plane: Components, nodes: number): Promise<void> {
  await plane.until('all nodes are ready', async () => {
    const { body } = await client.call('GET', '/api/v1/nodes');
    const { items } = body as { items: NodeStatus[] };
    return items.length >= nodes && items.every(isReady);
  });
  await plane.until('the default service account exists', async () => {
    const { status } = await client.call('GET', '/api/v1/namespaces/default/serviceaccounts/default');
    return status === 200;
  });
}

interface NodeStatus {
  readonly spec: { readonly taints?: readonly unknown[] };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

function isReady({ spec, status }: NodeStatus): boolean {
  const ready = status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
  return ready && (spec.taints ?? []).length === 0;
}
