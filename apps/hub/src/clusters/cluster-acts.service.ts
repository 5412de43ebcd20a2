import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@flotilla/domain';
import { AuditRepository } from '../access/index.js';
import type { ClusterRow, RemovalMode } from './cluster.repository.js';
import type { Actor } from './clusters.service.js';
import { ClustersService } from './clusters.service.js';
import type { LabelChanges } from './label-changes.js';
import { checkLabels } from './label-changes.js';

/** What people do to a cluster that has joined. */
export type ClusterAct =
  | { readonly kind: 'suspend'; readonly forMs?: number }
  | { readonly kind: 'resume' }
  | { readonly kind: 'revoke' }
  | { readonly kind: 'label'; readonly changes: LabelChanges }
  | { readonly kind: 'remove'; readonly mode: RemovalMode };

export interface ClusterActRequest {
  readonly reason: string;
  /** The same id again does nothing and answers the same. */
  readonly requestId: string | undefined;
  readonly dryRun: boolean;
}

export interface ClusterActResult {
  readonly cluster: string;
  readonly act: ClusterAct['kind'];
  /** False for a dry run. */
  readonly done: boolean;
  /** The request id was known: nothing was done again. */
  readonly repeated: boolean;
}

/** Acts on clusters: each with actor, reason and request id, refused with the reason when it does not apply. */
@Injectable()
export class ClusterActs {
  constructor(
    @Inject(ClustersService) private readonly clusters: ClustersService,
    @Inject(AuditRepository) private readonly audit: AuditRepository,
  ) {}

  /** @throws Fault notFound, notApplicable, badInput, conflict (a request id of something else) */
  async act(
    cluster: string,
    act: ClusterAct,
    { by, ...request }: ClusterActRequest & { by: Actor },
  ): Promise<ClusterActResult> {
    const answer = { cluster, act: act.kind };
    if (await this.audit.isRepeated(`cluster.${act.kind}`, cluster, request.requestId)) {
      return { ...answer, done: true, repeated: true };
    }
    const actor = request.requestId === undefined ? by : { ...by, requestId: request.requestId };
    try {
      refuse(await this.clusters.get(cluster), act);
      if (!request.dryRun) await this.carryOut(cluster, act, { reason: request.reason, actor });
    } catch (error) {
      if (error instanceof Fault && error.kind === 'rejected') await this.auditRefusal(answer, actor, error);
      throw error;
    }
    return { ...answer, done: !request.dryRun, repeated: false };
  }

  private auditRefusal(
    { cluster, act }: Pick<ClusterActResult, 'cluster' | 'act'>,
    { name, requestId }: Actor,
    { message }: Fault,
  ): Promise<void> {
    const request = requestId === undefined ? {} : { requestId };
    const line = { actor: name, action: `cluster.${act}`, subject: cluster, reason: message, ...request };
    return this.audit.record({ ...line, outcome: 'refused' });
  }

  private async carryOut(
    name: string,
    act: ClusterAct,
    { reason, actor }: { reason: string; actor: Actor },
  ): Promise<void> {
    switch (act.kind) {
      case 'suspend': {
        const forMs = act.forMs === undefined ? {} : { forMs: act.forMs };
        await this.clusters.suspend(name, { ...forMs, reason }, actor);
        return;
      }
      case 'resume':
        return this.clusters.resume(name, reason, actor);
      case 'revoke':
        return this.clusters.revoke(name, reason, actor);
      case 'label':
        return this.clusters.label(name, { changes: act.changes, reason }, actor);
      case 'remove':
        return this.clusters.remove(name, { mode: act.mode, reason }, actor);
    }
  }
}

/** What can be told before anything is done. @throws Fault notApplicable, badInput */
function refuse({ name, state, suspendedUntil }: ClusterRow, act: ClusterAct): void {
  const { kind } = act;
  if (act.kind === 'label') checkLabels(act.changes);
  const suspended = suspendedUntil !== null && suspendedUntil.getTime() > Date.now();
  if (kind === 'resume' && !suspended) throw new Fault('notApplicable', `${name} is not suspended`);
  if (kind === 'revoke' && state === 'quarantined')
    throw new Fault('notApplicable', `${name} has no access already`, `flotilla cluster rejoin ${name}`);
}
