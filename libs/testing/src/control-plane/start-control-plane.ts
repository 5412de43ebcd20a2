import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { KeyPair } from '../cluster-api/access/authority.js';
import { renderKubeconfig } from '../cluster-api/access/kubeconfig.js';
import { freePort } from '../postgres/start-postgres.js';
import { ApiClient } from './api-client.js';
import { compactStore } from './compact-store.js';
import type { Ports } from './component-flags.js';
import { apiServerFlags, controllerManagerFlags, etcdFlags, kwokFlags, schedulerFlags } from './component-flags.js';
import type { Component } from './component.js';
import { startComponent } from './component.js';
import type { Credentials } from './credentials.js';
import { makeCredentials } from './credentials.js';
import type { Progress } from './ensure-assets.js';
import { ensureKubernetesAssets } from './ensure-assets.js';
import type { Asset } from './kubernetes-assets.js';
import { kwokConfig } from './kwok-stages.js';

const READY_WITHIN_MS = 90_000;

export interface ControlPlaneOptions {
  /** Name of the context in kubeconfigs. Default `real`. */
  readonly name?: string;
  /** Node objects to begin with. Default 1. */
  readonly nodes?: number;
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
  /** Path of the kubectl that belongs to it. */
  readonly kubectl: string;
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
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-control-plane-'));
  const ports = await freePorts();
  const url = `https://127.0.0.1:${ports.apiServer}`;
  const credentials = await makeCredentials(join(folder, 'credentials'), { name, url });
  const plane = new Components({ assets, folder, ports, credentials });
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
    kubectl: join(assets, 'kubectl'),
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

async function freePorts(): Promise<Ports> {
  const [etcd = 0, etcdPeer = 0, apiServer = 0, controllerManager = 0, scheduler = 0] = await Promise.all(
    Array.from({ length: 5 }, () => freePort()),
  );
  return { etcd, etcdPeer, apiServer, controllerManager, scheduler };
}

interface Place {
  readonly assets: string;
  readonly folder: string;
  readonly ports: Ports;
  readonly credentials: Credentials;
}

/** The processes of one control plane. */
class Components {
  private readonly running = new Map<Asset, Component>();

  constructor(private readonly place: Place) {}

  /** Starts what does not run, each after what it needs: a controller that meets no API server at its start gives up. */
  async start(client: ApiClient): Promise<void> {
    const { folder, ports, credentials } = this.place;
    const certs = (component: Asset): string => join(folder, 'certs', component);
    await this.run('etcd', etcdFlags(ports, join(folder, 'etcd')));
    await this.run('kube-apiserver', apiServerFlags(ports, credentials, certs('kube-apiserver')));
    await this.until('the API server answers', async () => (await client.call('GET', '/readyz')).status === 200);
    const kwokFile = join(folder, 'kwok.yaml');
    await writeFile(kwokFile, kwokConfig());
    await Promise.all([
      this.run('kube-controller-manager', controllerManagerFlags(ports, credentials, certs('kube-controller-manager'))),
      this.run('kube-scheduler', schedulerFlags(ports, credentials, certs('kube-scheduler'))),
      this.run('kwok', kwokFlags(credentials, kwokFile)),
    ]);
  }

  async kill(names: readonly Asset[]): Promise<void> {
    await Promise.all(names.map(async (name) => this.running.get(name)?.kill()));
    for (const name of names) this.running.delete(name);
  }

  async close(): Promise<void> {
    await this.kill([...this.running.keys()]);
    await rm(this.place.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  /** Waits for something to become true. @throws Error as soon as a component ended by itself, or when it takes too long. */
  async until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + READY_WITHIN_MS;
    while (!(await isTrue().catch(() => false))) {
      for (const component of this.running.values()) {
        if (!component.running()) throw new Error(`${component.name} ended:\n${component.lastWords()}`);
      }
      if (Date.now() > deadline)
        throw new Error(`not within ${READY_WITHIN_MS / 1000} s: ${what}\n${this.lastWords()}`);
      await delay(50);
    }
  }

  private lastWords(): string {
    return [...this.running.values()].map((component) => `${component.name}: ${component.lastWords()}`).join('\n');
  }

  private async run(name: Asset, args: string[]): Promise<void> {
    if (this.running.has(name)) return;
    const { assets, folder } = this.place;
    const cwd = join(folder, 'certs', name);
    await mkdir(cwd, { recursive: true });
    const logFile = join(folder, `${name}.log`);
    this.running.set(name, startComponent({ name, program: join(assets, name), args, logFile, cwd }));
  }
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
