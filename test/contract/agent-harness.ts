import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppEntry, AppReport, Inventory, KubeObject, Policy, Version } from '@flotilla/domain';
import { digestJson } from '@flotilla/domain';
import { Connection, KubeClient } from '@flotilla/kube';
import type { ObjectAddress } from '@flotilla/kube';
import { createLogger } from '@flotilla/telemetry';
import { KubeAppObjects, LocalReconciler } from '../../apps/agent/src/app-objects/index.js';
import { Reconciler } from '../../apps/agent/src/reconcile/reconciler.js';
import type {
  Clock,
  DesiredApp,
  InventoryStore,
  ReconcileEvent,
  ReconcilerEvents,
  ReconcilerPort,
} from '../../apps/agent/src/reconcile/reconciler.port.js';
import type { ContractCluster } from './contract-cluster.js';
import { eventually } from './eventually.js';

export const DEFAULT_POLICY: Policy = {
  namespace: 'shop',
  createNamespace: true,
  serviceAccount: '',
  mode: 'manage',
  apply: {
    conflict: 'fail',
    adopt: {
      when: 'ifEqual',
      from: ['argocd-controller', 'kustomize-controller', 'helm', 'kubectl-client-side-apply'],
    },
  },
  drift: { policy: 'correct', ignore: [], extraFields: 'remove' },
  health: { checks: [], failFast: true },
  budget: {
    maxDeletes: { objects: 10, percent: 20 },
    confirm: ['Namespace', 'CustomResourceDefinition', 'PersistentVolumeClaim'],
  },
  onDelete: 'ask',
  dependsOn: [],
  formerly: [],
};

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/** Inventories that survive a reconciler, as a cluster's would. */
export class MemoryInventories implements InventoryStore {
  readonly kept = new Map<string, string>();
  saves = 0;

  load(): Promise<ReadonlyMap<string, Inventory>> {
    const entries = [...this.kept].map(([app, text]): [string, Inventory] => [app, JSON.parse(text) as Inventory]);
    return Promise.resolve(new Map(entries));
  }

  save(app: string, inventory: Inventory): Promise<void> {
    this.saves += 1;
    this.kept.set(app, JSON.stringify(inventory));
    return Promise.resolve();
  }

  remove(app: string): Promise<void> {
    this.kept.delete(app);
    return Promise.resolve();
  }
}

export interface AppOptions {
  readonly policy?: Partial<Policy>;
  readonly entry?: Partial<AppEntry>;
  readonly pendingRefs?: DesiredApp['pendingRefs'];
}

/** A cluster, and a namespace in it that belongs to the test alone. */
export interface AgentCluster extends ContractCluster {
  readonly namespace: string;
}

export type StartAgentCluster = () => Promise<AgentCluster>;

/** A desired app as the hub would send it: digests follow from content and policy. */
function desiredApp(app: string, objects: readonly KubeObject[], options: AppOptions = {}): DesiredApp {
  const policy = { ...DEFAULT_POLICY, ...options.policy };
  const entry: AppEntry = {
    app,
    bundle: digestJson(objects),
    policy: digestJson(policy as never),
    life: 'active',
    mode: policy.mode,
    pendingBundle: undefined,
    approvedDeletions: [],
    suspendedUntil: 0,
    retry: 0,
    since: { generation: 1, number: 1 },
    ...options.entry,
  };
  return { entry, objects, policy, pendingRefs: options.pendingRefs ?? [] };
}

/** A reconciler on a cluster, with everything it told. */
export class AgentHarness implements AsyncDisposable {
  readonly events: ReconcileEvent[] = [];
  readonly reports = new Map<string, AppReport>();
  readonly removed: string[] = [];
  readonly calls: { method: string; path: string; impersonate: string }[] = [];
  readonly client: KubeClient;
  readonly reconciler: ReconcilerPort;
  /** How much somebody has set the clock on or back. */
  skewMs = 0;
  private number = 0;

  private constructor(
    readonly namespace: string,
    readonly store: MemoryInventories,
    private readonly folder: string,
    isLocal: boolean,
  ) {
    const kubeconfig = join(folder, 'kubeconfig');
    this.client = new KubeClient(Connection.fromFile(kubeconfig), (call) => this.calls.push(call));
    const events = {
      report: (report: AppReport) => void this.reports.set(report.app, report),
      removed: (app: string) => void this.removed.push(app),
      event: (event: ReconcileEvent) => void this.events.push(event),
    };
    const clock = { ...systemClock, now: () => Date.now() + this.skewMs };
    const make = (told: ReconcilerEvents): Reconciler =>
      new Reconciler({ client: this.client, store, events: told, clock });
    const objects = new KubeAppObjects(this.client, namespace);
    const logger = createLogger({ name: 'agent', level: 'silent' });
    this.reconciler = isLocal
      ? new LocalReconciler({ objects, events, clock, logger, publishMs: 50, make })
      : make(events);
  }

  /** With `isLocal` it also keeps the parent objects of its apps, in the test's namespace. */
  static async start(
    cluster: AgentCluster,
    store = new MemoryInventories(),
    { isLocal = false } = {},
  ): Promise<AgentHarness> {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-agent-'));
    await cluster.writeKubeconfig(join(folder, 'kubeconfig'));
    const harness = new AgentHarness(cluster.namespace, store, folder, isLocal);
    await harness.reconciler.start();
    return harness;
  }

  /** A desired app in the test's namespace. */
  app(name: string, objects: readonly KubeObject[], options: AppOptions = {}): DesiredApp {
    return desiredApp(name, objects, { ...options, policy: { namespace: this.namespace, ...options.policy } });
  }

  get configMaps(): string {
    return `/api/v1/namespaces/${this.namespace}/configmaps`;
  }

  get deployments(): string {
    return `/apis/apps/v1/namespaces/${this.namespace}/deployments`;
  }

  get namespaceObject(): KubeObject {
    return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } };
  }

  want(...apps: DesiredApp[]): Version {
    this.number += 1;
    const version = { generation: 1, number: this.number };
    this.reconciler.setDesired({ version, apps });
    return version;
  }

  /** Waits until the app's report says so. */
  async reported(app: string, says: (report: AppReport) => boolean): Promise<AppReport> {
    return eventually(async () => {
      const report = this.reports.get(app);
      if (report === undefined || !says(report)) throw new Error(`report of ${app}: ${JSON.stringify(report)}`);
      return report;
    });
  }

  /** Waits until exactly this is applied and healthy. */
  healthy(desired: DesiredApp): Promise<AppReport> {
    return this.reported(
      desired.entry.app,
      (report) =>
        report.phase === 'applied' &&
        report.health === 'healthy' &&
        report.appliedBundle === desired.entry.bundle &&
        report.appliedPolicy === desired.entry.policy,
    );
  }

  address(apiVersion: string, kind: string, name: string, namespace = this.namespace): ObjectAddress {
    const type = this.client.discovery.find(apiVersion, kind);
    if (type === undefined) throw new Error(`no kind ${kind}`);
    return { type, namespace: type.namespaced ? namespace : '', name };
  }

  /** Events without those of the driver, as short lines. */
  log(app: string): string[] {
    return this.events.filter((event) => event.app === app).map(printEvent);
  }

  /** As if it was killed: nothing of it runs on, and nothing is awaited. */
  abandon(): void {
    void this.reconciler.stop();
    this.client.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.reconciler.stop();
    this.client.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

function printEvent(event: ReconcileEvent): string {
  const name = 'ref' in event && event.ref !== undefined ? `${event.ref.kind}/${event.ref.name}` : '';
  if (event.type === 'inventorySaved') return `saved ${event.entries}${event.complete ? ' complete' : ''}`;
  return [event.type, name, detailOf(event)].filter((part) => part !== '').join(' ');
}

function detailOf(event: ReconcileEvent): string {
  if ('reason' in event) return event.reason;
  if ('code' in event) return event.code;
  if ('fields' in event) return event.fields.join(' ');
  if ('from' in event) return event.from.join(' ');
  return 'to' in event ? event.to : '';
}

export function configMap(
  name: string,
  data: Record<string, string>,
  metadata: Record<string, unknown> = {},
): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

export function deployment(name: string, image: string, replicas = 1): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'web', image }] } },
    },
  };
}
