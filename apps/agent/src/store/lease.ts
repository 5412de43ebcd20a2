import type { AgentNotes, JsonObject, KubeObject } from '@flotilla/domain';
import { renderAgentNotes } from '@flotilla/domain';
import type { KubeClient } from '@flotilla/kube';
import { isApiFault } from '@flotilla/kube';
import type { Logger } from '@flotilla/telemetry';
import type { Clock } from '../reconcile/reconciler.port.js';
import { LEASES, OWN_LABELS, OWN_SECRETS, SECRETS, textAt } from './kube-types.js';
import { isDeadHere, newHolder, retireHolder } from './lease-identity.js';
import { WriteFence } from './write-fence.js';

const NAME = 'flotilla-agent';
/** More than the fence and the longest write together: no write of the last holder is under way when another takes over. */
const DURATION_MS = 50_000;
const RENEW_MS = 5_000;
const RETRY_MS = 1_000;
const CALL_MS = 5_000;
const LOOK_MS = 2_000;
/** What a holder that gave the Lease up leaves behind. A holder that was only erased may work still. */
const GIVEN_UP_SECONDS = 1;

export interface LeaseOptions {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly logger: Logger;
  readonly clock: Clock;
  /** UID of the Pod that this agent runs in, if any. */
  readonly pod?: string | undefined;
  /** What people should read on the Lease; undefined while there is nothing to say yet. */
  notes?(): AgentNotes | undefined;
  /** ms that go on while the machine sleeps; the monotonic clock without it. */
  elapsed?(): number;
  /** How often a waiting agent looks, in ms. */
  readonly lookMs?: number;
  /** Called once when another agent holds the Lease although we held it: this one must stop writing at once. */
  lost(holder: string): void;
  /** Writes were not allowed for a while and are again: what is known must be read again first. */
  reopened?(): void;
}

/** The agent's Lease: of two agents for one cluster, one works and the other waits. */
export class Lease {
  /** Every write of this agent passes it. */
  readonly fence: WriteFence;
  private readonly identity: string;
  private timer: NodeJS.Timeout | undefined;
  private held: KubeObject | undefined;
  private stopped = false;
  private otherHolder = '';
  private complaint = '';
  /** What was found instead of a Lease of ours, and since when by our clock: theirs is not to be trusted. */
  private observed: { readonly state: string; readonly at: number } | undefined;

  constructor(private readonly options: LeaseOptions) {
    this.identity = newHolder(options.pod);
    this.fence = new WriteFence(() => options.elapsed?.() ?? options.clock.monotonic());
  }

  /** What earlier agents and this one noted on it. */
  get annotations(): Readonly<Record<string, string>> {
    return this.held?.metadata.annotations ?? {};
  }

  /** Resolves when this agent is the one that works. Waits for another to give up or to be silent for long enough. */
  async acquire(): Promise<void> {
    let told = '';
    while (!this.stopped && !(await this.tryAcquire())) {
      const holder = this.otherHolder;
      if (holder !== told) this.options.logger.info({ holder }, 'another agent may work for this cluster: waiting');
      told = holder;
      await new Promise((resolve) => setTimeout(resolve, this.options.lookMs ?? LOOK_MS));
    }
    this.renewIn(RENEW_MS);
  }

  /** Gives the Lease up, so that the next agent need not wait; not while a write is under way. */
  async release(): Promise<void> {
    this.stopped = true;
    retireHolder(this.identity);
    clearTimeout(this.timer);
    this.fence.close();
    if (this.held === undefined || this.fence.inFlight > 0) return;
    try {
      await this.replace(this.held, '');
    } catch (error) {
      this.options.logger.debug({ reason: (error as Error).message }, 'could not give up the Lease');
    }
  }

  private async tryAcquire(): Promise<boolean> {
    const found = await this.find();
    const sentAt = this.fence.instant();
    try {
      if (found === undefined) {
        if (await this.mayCreate()) this.take(await this.create({}), sentAt);
      } else if (this.mayTake(found)) this.take(await this.replace(found, this.identity), sentAt);
    } catch (error) {
      if (!isApiFault(error, 'Conflict', 'AlreadyExists')) throw error;
    }
    return this.held !== undefined;
  }

  private take(lease: KubeObject, sentAt: number): void {
    this.held = lease;
    if (this.fence.renewed(sentAt)) this.options.reopened?.();
  }

  private mayTake(lease: KubeObject): boolean {
    const holder = holderOf(lease);
    this.otherHolder = holder;
    if (holder === this.identity || isDeadHere(holder, this.options.pod)) return true;
    const seconds = durationOf(lease);
    if (holder === '' && seconds <= GIVEN_UP_SECONDS) return true;
    return this.isSilentFor(textAt(lease.metadata, 'resourceVersion'), Math.max(DURATION_MS, seconds * 1_000));
  }

  /** Without a Lease somebody may work who has not noticed yet that it was deleted. In a new namespace nobody does. */
  private async mayCreate(): Promise<boolean> {
    this.otherHolder = 'unknown: the Lease is gone';
    if (this.observed === undefined && !(await this.hasWorkedHere())) return true;
    return this.isSilentFor('', DURATION_MS);
  }

  private async hasWorkedHere(): Promise<boolean> {
    const { client, namespace } = this.options;
    const own = await client.list(SECRETS, namespace, { fieldSelector: OWN_SECRETS, limit: 1 });
    return own.items.length > 0;
  }

  private isSilentFor(state: string, ms: number): boolean {
    const now = this.options.clock.monotonic();
    if (this.observed?.state !== state) this.observed = { state, at: now };
    return now - this.observed.at > ms;
  }

  private renewIn(ms: number): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.renew(), ms);
    this.timer.unref();
  }

  /** Renews once and sets the time of the next. */
  async renew(): Promise<void> {
    clearTimeout(this.timer);
    let isRenewed = false;
    try {
      isRenewed = await this.tryRenew();
      if (isRenewed) this.complain('');
    } catch (error) {
      this.complain((error as Error).message);
    }
    this.renewIn(isRenewed ? RENEW_MS : RETRY_MS);
  }

  /** Once per reason: an API server may be away for hours. */
  private complain(reason: string): void {
    if (reason === this.complaint) return;
    if (reason === '') this.options.logger.info('the Lease is renewed again');
    else this.options.logger.warn({ reason }, 'cannot renew the Lease: tries every second');
    this.complaint = reason;
  }

  private async tryRenew(): Promise<boolean> {
    const { held } = this;
    if (held === undefined || this.stopped) return false;
    const sentAt = this.fence.instant();
    try {
      this.take(await this.replace(held, this.identity), sentAt);
      return true;
    } catch (error) {
      // API servers word it in several ways that an object of this version is not there any more.
      if (!isApiFault(error)) throw error;
      this.options.logger.debug({ reason: error.message }, 'the Lease was not renewed: looks at it');
      return this.takeBack(held);
    }
  }

  /** The Lease was changed under us: deleted, touched by a passer-by, or taken by another agent, who then has it. */
  private async takeBack(held: KubeObject): Promise<boolean> {
    const live = await this.find();
    const sentAt = this.fence.instant();
    if (live === undefined) {
      const { annotations = {} } = held.metadata;
      this.options.logger.warn('the Lease was deleted: makes it again');
      this.take(await this.create(annotations), sentAt);
      return true;
    }
    if (holderOf(live) === this.identity) {
      this.take(await this.replace(live, this.identity), sentAt);
      return true;
    }
    this.lose(holderOf(live));
    return false;
  }

  private lose(holder: string): void {
    if (this.stopped) return;
    this.stopped = true;
    this.held = undefined;
    this.fence.close();
    this.options.lost(holder);
  }

  private find(): Promise<KubeObject | undefined> {
    return this.options.client.find(this.address(), { timeoutMs: CALL_MS });
  }

  private create(annotations: Readonly<Record<string, string>>): Promise<KubeObject> {
    const metadata = { name: NAME, namespace: this.options.namespace, labels: OWN_LABELS, annotations };
    const lease: KubeObject = {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata,
      spec: this.spec(this.identity),
    };
    return this.options.client.create(LEASES, lease, { timeoutMs: CALL_MS, guarded: false });
  }

  private replace(lease: KubeObject, holder: string): Promise<KubeObject> {
    const notes = this.options.notes?.();
    const { annotations = {} } = lease.metadata;
    const said = notes === undefined ? annotations : renderAgentNotes(notes, annotations, this.options.clock.now());
    const metadata = { ...lease.metadata, annotations: said };
    const call = { timeoutMs: CALL_MS, guarded: false };
    return this.options.client.replace(this.address(), { ...lease, metadata, spec: this.spec(holder) }, call);
  }

  private spec(holder: string): JsonObject {
    const renewTime = new Date(this.options.clock.now()).toISOString().replace('Z', '000Z');
    const leaseDurationSeconds = holder === '' ? GIVEN_UP_SECONDS : DURATION_MS / 1000;
    return { holderIdentity: holder, leaseDurationSeconds, renewTime };
  }

  private address(): { type: typeof LEASES; namespace: string; name: string } {
    return { type: LEASES, namespace: this.options.namespace, name: NAME };
  }
}

function specOf(lease: KubeObject): JsonObject | undefined {
  return lease['spec'] as JsonObject | undefined;
}

function holderOf(lease: KubeObject): string {
  return textAt(specOf(lease), 'holderIdentity');
}

function durationOf(lease: KubeObject): number {
  const seconds = specOf(lease)?.['leaseDurationSeconds'];
  return typeof seconds === 'number' ? seconds : 0;
}
