import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@flotilla/domain';
import { AuditRepository } from '../access/index.js';
import { HubEvents } from '../events/index.js';
import { AuthorityService } from './authority.service.js';
import { readCertificateRequest } from './certificates.js';
import type { EnrolmentTransaction, IdentityRow } from './enrolment.repository.js';
import { EnrolmentRepository } from './enrolment.repository.js';
import type { IdentityRefusal, IdentityVerdict } from './judge-identity.js';
import { judgeIdentity } from './judge-identity.js';
import type { CertificateIdentity, ExpiredCertificateProof } from './read-identity.js';
import { claimedUid, readExpiredIdentity } from './read-identity.js';
import { RefusalLog } from './refusal-log.service.js';

export type Admission =
  | { readonly admitted: true; readonly clusterId: number; readonly clusterUid: string; readonly name: string }
  | { readonly admitted: false; readonly refusal: IdentityRefusal; readonly message: string };

export interface ConnectAttempt {
  readonly identity: CertificateIdentity;
  readonly kubeUid: string;
  readonly from: string;
}

interface Judged {
  readonly row: IdentityRow | undefined;
  readonly verdict: IdentityVerdict;
}

/** Who may open a session or get its next certificate, by what the database knows of the certificate. */
@Injectable()
export class IdentityService {
  constructor(
    @Inject(EnrolmentRepository) private readonly enrolments: EnrolmentRepository,
    @Inject(AuthorityService) private readonly authority: AuthorityService,
    @Inject(RefusalLog) private readonly refusals: RefusalLog,
    @Inject(AuditRepository) private readonly audit: AuditRepository,
    @Inject(HubEvents) private readonly events: HubEvents,
  ) {}

  /** The clone test at the start of a session; a next certificate becomes present here. */
  async admit(attempt: ConnectAttempt): Promise<Admission> {
    const { row, verdict } = await this.enrolments.transaction((tx) => judge(tx, attempt));
    if (!row || !verdict.admit) return this.refuse(attempt, row, verdict);
    if (row.state === 'joining' || row.state === 'rejoin') await this.announceJoined(row);
    return { admitted: true, clusterId: row.id, clusterUid: row.uid, name: row.name };
  }

  private async announceJoined(row: IdentityRow): Promise<void> {
    const action = row.state === 'rejoin' ? 'cluster.rejoin' : 'cluster.connect';
    await this.audit.record({ actor: row.name, action, subject: row.name, outcome: 'done' });
    this.events.emit('clusterFactsChanged', { clusterIds: [row.id] });
    this.events.emit('changed', { kind: 'cluster', cluster: row.name, message: `${row.name} joined` });
  }

  private async refuse(
    attempt: ConnectAttempt,
    row: IdentityRow | undefined,
    verdict: IdentityVerdict,
  ): Promise<Admission> {
    const { refusal, message, become } = verdict.admit
      ? { refusal: 'revoked' as const, message: 'not enrolled' }
      : verdict;
    const subject = row?.name ?? attempt.identity.clusterUid;
    await this.refusals.record({ action: 'cluster.connect', subject, reason: message, from: attempt.from });
    if (row && become) {
      this.events.emit('accessWithdrawn', { clusterId: row.id, reason: refusal });
      this.events.emit('changed', { kind: 'cluster', cluster: row.name, message: `${row.name}: ${message}` });
    }
    return { admitted: false, refusal, message };
  }

  /** The certificate after the present one, DER. @throws Fault unauthenticated, badInput */
  async renew(identity: CertificateIdentity, csr: Uint8Array): Promise<Buffer> {
    const key = await readCertificateRequest(csr);
    const certificate = await this.enrolments.transaction(async (tx) => {
      const row = await tx.lockIdentity(identity.clusterUid, identity.serial);
      const usable = row?.certificate === 'present' && ['joined', 'removing'].includes(row.state);
      if (!row || !usable) return undefined;
      const issued = await this.authority.issueAgent(key.spki, row.uid);
      await tx.saveNext(row.id, issued, key.hash);
      return issued.certificate;
    });
    if (certificate) return certificate;
    const reason = 'only the present certificate of a joined cluster can be renewed';
    await this.refusals.record({ action: 'cluster.renew', subject: identity.clusterUid, reason });
    throw new Fault('unauthenticated', reason);
  }

  /**
   * For a certificate that has expired: the same, after proof of its key.
   * @param from remote address
   * @throws Fault unauthenticated, badInput
   */
  async renewExpired(given: ExpiredCertificateProof, from: string): Promise<Buffer> {
    return this.renew(await this.identityOf(given, from), given.csr);
  }

  private async identityOf(given: ExpiredCertificateProof, from: string): Promise<CertificateIdentity> {
    try {
      return readExpiredIdentity(given, this.authority.certificate, new Date());
    } catch (error) {
      const uid = claimedUid(given.certificate);
      const subject = (uid && (await this.enrolments.nameOf(uid))) ?? from;
      if (error instanceof Fault)
        await this.refusals.record({ action: 'cluster.renew', subject, reason: error.message, from });
      throw error;
    }
  }
}

async function judge(tx: EnrolmentTransaction, { identity, kubeUid }: ConnectAttempt): Promise<Judged> {
  const row = await tx.lockIdentity(identity.clusterUid, identity.serial);
  const verdict = judgeIdentity(row, kubeUid);
  if (row && verdict.admit && verdict.promote) await tx.promote(row.id, identity.serial);
  if (row && !verdict.admit && verdict.become) await tx.setState(row.id, verdict.become, verdict.message);
  return { row, verdict };
}
