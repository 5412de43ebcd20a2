import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@flotilla/domain';
import { AuditRepository } from '../access/index.js';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import { AuthorityService } from './authority.service.js';
import type { RequestedKey } from './certificates.js';
import { readCertificateRequest } from './certificates.js';
import type { EnrolmentTransaction, IdentityRow } from './enrolment.repository.js';
import { EnrolmentRepository } from './enrolment.repository.js';
import type { JoinRefusal, StoredJoinToken } from './judge-join.js';
import { JOIN_REFUSALS, judgeJoinToken } from './judge-join.js';
import { RefusalLog } from './refusal-log.service.js';

export interface JoinAttempt {
  readonly token: { readonly id: string; readonly secret: string };
  readonly csr: Uint8Array;
  /** UID of the cluster's kube-system. */
  readonly kubeUid: string;
  /** Remote address, for the log. */
  readonly from: string;
}

export interface Enrolled {
  readonly clusterUid: string;
  readonly clusterName: string;
  /** DER. */
  readonly certificate: Buffer;
}

type Outcome = { readonly enrolled: Enrolled; readonly isNew: boolean } | { readonly refusal: JoinRefusal };

/** Turns a join token and a key into an identity. The same token and key give the same identity again. */
@Injectable()
export class EnrolmentService {
  constructor(
    @Inject(EnrolmentRepository) private readonly enrolments: EnrolmentRepository,
    @Inject(AuthorityService) private readonly authority: AuthorityService,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(RefusalLog) private readonly refusals: RefusalLog,
    @Inject(AuditRepository) private readonly audit: AuditRepository,
    @Inject(HubEvents) private readonly events: HubEvents,
  ) {}

  /** @throws Fault unauthenticated with the reason, badInput for a malformed request, notLeader on a standby. */
  async enrol(attempt: JoinAttempt): Promise<Enrolled> {
    if (!this.leader.leading) throw new Fault('notLeader', 'this hub is a standby');
    const key = await readCertificateRequest(attempt.csr);
    if (attempt.kubeUid === '') throw new Fault('badInput', 'the UID of kube-system is missing');
    const outcome = await this.enrolments.transaction((tx) => this.join(tx, attempt, key));
    if ('refusal' in outcome) return this.refuse(attempt, outcome.refusal);
    if (outcome.isNew) await this.announce(outcome.enrolled, attempt);
    return outcome.enrolled;
  }

  private async join(tx: EnrolmentTransaction, attempt: JoinAttempt, key: RequestedKey): Promise<Outcome> {
    const token = await tx.lockToken(attempt.token.id);
    const refusal = judgeJoinToken(token, { secret: attempt.token.secret, keyHash: key.hash });
    if (!token || refusal) return { refusal: refusal ?? 'unknownToken' };
    const cluster = await this.clusterOf(tx, token, attempt.kubeUid);
    if (!cluster) return { refusal: 'nameTaken' };
    if (cluster.kubeUid !== attempt.kubeUid) return { refusal: 'otherCluster' };
    const issued = await this.authority.issueAgent(key.spki, cluster.uid);
    await tx.saveNext(cluster.id, issued, key.hash);
    await tx.useToken(token.id, cluster.id, key.hash);
    if (cluster.state === 'quarantined') await tx.setState(cluster.id, 'rejoin', 'joins again');
    const enrolled = { clusterUid: cluster.uid, clusterName: cluster.name, certificate: issued.certificate };
    return { enrolled, isNew: token.keyHash === undefined };
  }

  private clusterOf(
    tx: EnrolmentTransaction,
    token: StoredJoinToken,
    kubeUid: string,
  ): Promise<IdentityRow | undefined> {
    if (token.cluster !== null) return tx.lockCluster(token.cluster);
    return tx.insertCluster(token.clusterName, token.labels, kubeUid);
  }

  private async refuse(attempt: JoinAttempt, refusal: JoinRefusal): Promise<never> {
    const reason = JOIN_REFUSALS[refusal];
    await this.refusals.record({
      action: 'cluster.join',
      subject: `token ${attempt.token.id}`,
      reason,
      from: attempt.from,
    });
    throw new Fault('unauthenticated', reason, 'Print a new one with `flotilla cluster join NAME`.');
  }

  private async announce({ clusterName }: Enrolled, { token, from }: JoinAttempt): Promise<void> {
    await this.audit.record({
      actor: `token ${token.id}`,
      action: 'cluster.join',
      subject: clusterName,
      outcome: 'done',
      detail: { from },
    });
    this.events.emit('changed', { kind: 'cluster', cluster: clusterName, message: `${clusterName} enrolled` });
  }
}
