import type { OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@flotilla/domain';
import { AuditRepository } from '../access/index.js';
import { HubConfig } from '../config/index.js';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import { Logger } from '../logging/index.js';
import { AuthorityService } from './authority.service.js';
import type { ClusterRow, JoinTokenRow, RemovalMode } from './cluster.repository.js';
import { ClusterRepository } from './cluster.repository.js';
import type { JoinManifestOptions } from './join-manifest.js';
import { joinManifest } from './join-manifest.js';
import { JOIN_TOKEN_LIFE_MS, makeJoinToken, printToken } from './join-token.js';
import type { LabelChanges } from './label-changes.js';
import { changeLabels, checkLabels } from './label-changes.js';
import { PublicAddresses } from './public-addresses.js';

/** Who asks, as the audit log shows it, why, and by which request. */
export interface Actor {
  readonly name: string;
  readonly reason?: string;
  readonly requestId?: string;
}

export interface Join {
  readonly id: string;
  /** Told once, here. */
  readonly token: string;
  readonly clusterName: string;
  /** `host:port` of the join listener. */
  readonly joinAddress: string;
  readonly expiresAt: Date;
}

export interface Suspension {
  readonly forMs?: number;
  readonly reason?: string;
}

/** A suspension without a given end lasts this long; none lasts longer than the other. */
const SUSPENSION_MS = 3_600_000;
const MAX_SUSPENSION_MS = 24 * 3_600_000;
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** What people do with clusters. */
@Injectable()
export class ClustersService implements OnApplicationBootstrap {
  /** Clusters that were asked to prune or orphan and have not finished. */
  private removing: ReadonlySet<number> = new Set();

  constructor(
    @Inject(ClusterRepository) private readonly clusters: ClusterRepository,
    @Inject(AuthorityService) private readonly authority: AuthorityService,
    @Inject(PublicAddresses) private readonly addresses: PublicAddresses,
    @Inject(AuditRepository) private readonly audit: AuditRepository,
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(Logger) private readonly log: Logger,
    @Inject(HubConfig) private readonly config: HubConfig,
  ) {}

  onApplicationBootstrap(): void {
    this.leader.onChange((leading) => {
      if (leading) this.tryFinishRemovals();
    });
    this.events.on('assigned', ({ clusterIds }) => {
      if (clusterIds.some((id) => this.removing.has(id))) this.tryFinishRemovals();
    });
  }

  private tryFinishRemovals(): void {
    void this.finishRemovals().catch((error: unknown) => {
      this.log.warn({ err: error }, 'removals could not be finished; tried again with the next change');
    });
  }

  list(): Promise<ClusterRow[]> {
    return this.clusters.list();
  }

  /** @throws Fault notFound */
  async get(name: string): Promise<ClusterRow> {
    const found = await this.clusters.find(name);
    if (!found) throw new Fault('notFound', `there is no cluster ${name}`);
    return found;
  }

  /** Whether such a cluster may join. @throws Fault badInput for a bad name or label, conflict when the name is taken. */
  async checkJoin(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    if (!NAME.test(name)) throw new Fault('badInput', `"${name}" is no cluster name: a DNS label is needed`);
    checkLabels(labels);
    if (await this.clusters.find(name)) {
      throw new Fault('conflict', `there is a cluster ${name} already`, `flotilla cluster rejoin ${name}`);
    }
  }

  /** A one-time token for a new cluster. @throws Fault badInput for a bad name or label, conflict when it is taken. */
  async createJoin(name: string, labels: Readonly<Record<string, string>>, actor: Actor): Promise<Join> {
    await this.checkJoin(name, labels);
    return this.makeJoin({ id: null, name, labels }, 'join', actor);
  }

  /** A token that gives a known cluster its identity back, bound to its id and UID. @throws Fault notFound */
  async createRejoin(name: string, actor: Actor): Promise<Join> {
    const { id, labels } = await this.get(name);
    return this.makeJoin({ id, name, labels }, 'rejoin', actor);
  }

  private async makeJoin(
    cluster: { id: number | null; name: string; labels: Readonly<Record<string, string>> },
    purpose: 'join' | 'rejoin',
    actor: Actor,
  ): Promise<Join> {
    const token = makeJoinToken();
    const expiresAt = await this.clusters.saveToken(token, {
      clusterName: cluster.name,
      labels: cluster.labels,
      purpose,
      clusterId: cluster.id,
      createdBy: actor.name,
      lifeMs: JOIN_TOKEN_LIFE_MS,
    });
    await this.record(actor, `cluster.${purpose}Token`, cluster.name);
    return {
      id: token.id,
      token: printToken(token, this.authority.pin),
      clusterName: cluster.name,
      joinAddress: this.addresses.of('join'),
      expiresAt,
    };
  }

  /** Whether a token was made for this cluster by this request id. @throws Fault conflict when the id stands for something else */
  isRepeated(action: string, subject: string, requestId: string | undefined): Promise<boolean> {
    return this.audit.isRepeated(action, subject, requestId);
  }

  joinTokens(): Promise<JoinTokenRow[]> {
    return this.clusters.joinTokens();
  }

  /**
   * Nobody joins with it any more; a cluster that has joined stays.
   * @throws Fault notFound, conflict (a request id of something else)
   */
  async revokeJoinToken(id: string, { dryRun, actor }: { dryRun: boolean; actor: Actor }): Promise<void> {
    const token = (await this.clusters.joinTokens()).find((each) => each.id === id);
    const { requestId } = actor;
    if (token && (await this.audit.isRepeated('cluster.revokeToken', token.cluster, requestId))) return;
    const usable = token !== undefined && token.state !== 'revoked' && token.expiresAt.getTime() > Date.now();
    if (!usable || (!dryRun && (await this.clusters.revokeJoinToken(id)) === undefined))
      throw new Fault('notFound', `there is no join token ${id} that could still be used`);
    if (!dryRun) await this.record(actor, 'cluster.revokeToken', token.cluster);
  }

  /** What `kubectl apply -f -` takes to install the agent that joins with this token. */
  printJoinManifest(join: Join, options: Partial<JoinManifestOptions> = {}): string {
    return joinManifest(join, { image: this.config.settings.agentImage, ...options });
  }

  /**
   * prune and orphan ask the agent and wait for its answer; gone does not.
   * @throws Fault notFound
   */
  async remove(
    name: string,
    { mode, reason = '' }: { mode: RemovalMode; reason?: string },
    actor: Actor,
  ): Promise<void> {
    const { id } = await this.get(name);
    if (mode === 'gone') {
      await this.clusters.withdraw(id, 'removed', '');
      this.events.emit('accessWithdrawn', { clusterId: id, reason: 'revoked' });
    } else {
      await this.clusters.startRemoval(id, mode);
      this.events.emit('clusterLeaves', { clusterId: id });
      await this.finishRemovals();
    }
    await this.record(actor, 'cluster.remove', name, reason === '' ? mode : `${mode}: ${reason}`);
    this.events.emit('clusterFactsChanged', { clusterIds: [id] });
    this.events.emit('changed', { kind: 'cluster', cluster: name, message: `${name}: removal (${mode}) asked` });
  }

  private async finishRemovals(): Promise<void> {
    const { done, waiting } = await this.clusters.finishRemovals();
    this.removing = new Set(waiting);
    for (const { id, name } of done) {
      this.events.emit('accessWithdrawn', { clusterId: id, reason: 'revoked' });
      this.events.emit('clusterFactsChanged', { clusterIds: [id] });
      this.events.emit('changed', { kind: 'cluster', cluster: name, message: `${name} removed` });
    }
  }

  /** Takes a cluster's access away within seconds; `rejoin` gives it back. @throws Fault notFound */
  async revoke(name: string, reason: string, actor: Actor): Promise<void> {
    const { id } = await this.get(name);
    await this.clusters.withdraw(id, 'quarantined', reason);
    this.events.emit('accessWithdrawn', { clusterId: id, reason: 'revoked' });
    await this.record(actor, 'cluster.revoke', name, reason);
    this.events.emit('changed', { kind: 'cluster', cluster: name, message: `${name}: access revoked` });
  }

  /** Stops applying and healing there until it expires. @throws Fault notFound, badInput above a day. */
  async suspend(
    name: string,
    { forMs = SUSPENSION_MS, reason = '' }: Suspension,
    actor: Actor,
  ): Promise<Date | undefined> {
    if (forMs <= 0 || forMs > MAX_SUSPENSION_MS) {
      throw new Fault('badInput', 'a suspension lasts at most 24h, and longer than nothing');
    }
    return this.setSuspension(name, { forMs, reason, action: 'cluster.suspend' }, actor);
  }

  /** @throws Fault notFound */
  async resume(name: string, reason: string, actor: Actor): Promise<void> {
    await this.setSuspension(name, { forMs: 0, reason, action: 'cluster.resume' }, actor);
  }

  private async setSuspension(
    name: string,
    { forMs, reason, action }: { forMs: number; reason: string; action: string },
    actor: Actor,
  ): Promise<Date | undefined> {
    const { id } = await this.get(name);
    const until = await this.clusters.setSuspension(id, forMs, reason);
    await this.record(actor, action, name, reason);
    this.events.emit('assigned', { clusterIds: [id] });
    const message = until ? `${name} suspended until ${until.toISOString()}` : `${name} resumed`;
    this.events.emit('changed', { kind: 'cluster', cluster: name, message });
    return until;
  }

  /** Changes the labels it joined with; those of its Cluster document stay above them. @throws Fault notFound, badInput */
  async label(
    name: string,
    { changes, reason }: { changes: LabelChanges; reason: string },
    actor: Actor,
  ): Promise<void> {
    const { id } = await this.get(name);
    await this.clusters.saveJoinLabels(id, (labels) => changeLabels(labels, changes));
    await this.record(actor, 'cluster.label', name, reason);
    this.events.emit('clusterFactsChanged', { clusterIds: [id] });
    this.events.emit('changed', { kind: 'cluster', cluster: name, message: `${name}: labels changed` });
  }

  private record(actor: Actor, action: string, subject: string, reason = actor.reason ?? ''): Promise<void> {
    const { name, requestId } = actor;
    const request = requestId === undefined ? {} : { requestId };
    return this.audit.record({ actor: name, action, subject, reason, outcome: 'done', ...request });
  }
}
