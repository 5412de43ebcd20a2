import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { AgentNotes, JsonObject, KubeObject } from '@flotilla/domain';
import { renderAgentNotes } from '@flotilla/domain';
import type { KubeClient } from '@flotilla/kube';
import { isApiFault } from '@flotilla/kube';
import type { Logger } from '@flotilla/telemetry';
import type { Clock } from '../reconcile/reconciler.port.js';
import { LEASES, OWN_LABELS, textAt } from './kube-types.js';

const NAME = 'flotilla-agent';
const DURATION_MS = 30_000;
const RENEW_MS = 10_000;
const LOOK_MS = 2_000;

export interface LeaseOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** What people should read on the Lease; undefined while there is nothing to say yet. */
  notes?(): AgentNotes | undefined;
  /** How often a waiting agent looks, in ms. */
  readonly lookMs?: number;
  /** Called once when another agent holds the Lease although we held it: this one must stop writing at once. */
  lost(holder: string): void;
}

/** The agent's Lease: of two agents for one cluster, one works and the other waits. */
export class Lease {
  private readonly identity = `${hostname()}/${process.pid}/${randomUUID().slice(0, 8)}`;
  private timer: NodeJS.Timeout | undefined;
  private held: KubeObject | undefined;
  private stopped = false;
  private otherHolder = '';
  /** What another holder's Lease looked like, and since when by our clock: theirs is not to be trusted. */
  private observed: { readonly resourceVersion: string; readonly at: number } | undefined;

  constructor(private readonly options: LeaseOptions) {
    LIVING.add(this.identity);
  }

  /** Resolves when this agent is the one that works. Waits for another to give up or to die. */
  async acquire(): Promise<void> {
    let told = '';
    while (!this.stopped && !(await this.tryAcquire())) {
      const holder = this.otherHolder;
      if (holder !== told) this.options.logger.info({ holder }, 'another agent works for this cluster: waiting');
      told = holder;
      await new Promise((resolve) => setTimeout(resolve, this.options.lookMs ?? LOOK_MS));
    }
    this.renewLater();
  }

  /** Gives the Lease up, so that the next agent need not wait. */
  async release(): Promise<void> {
    this.stopped = true;
    LIVING.delete(this.identity);
    clearTimeout(this.timer);
    if (this.held === undefined) return;
    try {
      await this.replace(this.held, '');
    } catch (error) {
      this.options.logger.debug({ reason: (error as Error).message }, 'could not give up the Lease');
    }
  }

  private async tryAcquire(): Promise<boolean> {
    const found = await this.options.client.find(this.address());
    try {
      if (found === undefined) this.held = await this.create();
      else if (this.mayTake(found)) this.held = await this.replace(found, this.identity);
    } catch (error) {
      if (!isApiFault(error, 'Conflict', 'AlreadyExists')) throw error;
    }
    return this.held !== undefined;
  }

  private mayTake(lease: KubeObject): boolean {
    const holder = holderOf(lease);
    this.otherHolder = holder;
    if (holder === '' || holder === this.identity || isDeadHere(holder)) return true;
    const resourceVersion = textAt(lease.metadata, 'resourceVersion');
    const now = this.options.clock.monotonic();
    if (this.observed?.resourceVersion !== resourceVersion) this.observed = { resourceVersion, at: now };
    return now - this.observed.at > DURATION_MS;
  }

  private renewLater(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.renew(), RENEW_MS);
    this.timer.unref();
  }

  /** Renews once and sets the time of the next. */
  async renew(): Promise<void> {
    clearTimeout(this.timer);
    try {
      if (this.held !== undefined) this.held = await this.replace(this.held, this.identity);
    } catch (error) {
      if (isApiFault(error, 'Conflict', 'NotFound')) await this.takeBack();
      else this.options.logger.warn({ reason: (error as Error).message }, 'cannot renew the Lease');
    }
    this.renewLater();
  }

  /** The Lease was changed under us: by a passer-by, or by another agent, who then has it. */
  private async takeBack(): Promise<void> {
    const live = await this.options.client.find(this.address()).catch(() => undefined);
    if (live === undefined) return;
    const holder = holderOf(live);
    if (holder === this.identity || holder === '') {
      this.held = live;
      return;
    }
    this.stopped = true;
    this.held = undefined;
    this.options.lost(holder);
  }

  private create(): Promise<KubeObject> {
    const metadata = { name: NAME, namespace: this.options.namespace, labels: OWN_LABELS };
    const lease: KubeObject = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      spec: this.spec(this.identity),
    };
    return this.options.client.create(LEASES, lease);
  }

  private replace(lease: KubeObject, holder: string): Promise<KubeObject> {
    const notes = this.options.notes?.();
    const { annotations = {} } = lease.metadata;
    const said = notes === undefined ? annotations : renderAgentNotes(notes, annotations, this.options.clock.now());
    const metadata = { ...lease.metadata, annotations: said };
    return this.options.client.replace(this.address(), { ...lease, metadata, spec: this.spec(holder) });
  }

  private spec(holder: string): JsonObject {
    const renewTime = new Date(this.options.clock.now()).toISOString().replace('Z', '000Z');
    return { holderIdentity: holder, leaseDurationSeconds: DURATION_MS / 1000, renewTime };
  }

  private address(): { type: typeof LEASES; namespace: string; name: string } {
    return { type: LEASES, namespace: this.options.namespace, name: NAME };
  }
}

function holderOf(lease: KubeObject): string {
  return textAt(lease['spec'] as JsonObject | undefined, 'holderIdentity');
}

/** Leases of this process, for a holder that has its process id may be an earlier life of a container. */
const LIVING = new Set<string>();

/** Whether the holder was a process of this very host that is gone: a restart need not wait for its Lease to run out. */
function isDeadHere(holder: string): boolean {
  const [, host, digits] = /^(.*)\/(\d+)\/\w+$/.exec(holder) ?? [];
  const pid = Number(digits);
  if (host !== hostname() || !(pid > 0)) return false;
  if (pid === process.pid) return !LIVING.has(holder);
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
