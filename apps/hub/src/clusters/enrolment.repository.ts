import { Inject, Injectable } from '@nestjs/common';
import type { Digest } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import { toBytes, toDigestOrNone } from '../database/index.js';
import type { IssuedCertificate } from './certificates.js';
import type { CertificateState, ClusterState, KnownIdentity } from './judge-identity.js';
import type { StoredJoinToken } from './judge-join.js';

/** A cluster as identity needs it. */
export interface IdentityRow extends KnownIdentity {
  readonly id: number;
  readonly uid: string;
  readonly name: string;
}

interface TokenRow extends Omit<StoredJoinToken, 'keyHash'> {
  readonly keyHash: Buffer | null;
}

/** What enrolment and identity read and write, inside one transaction. */
export class EnrolmentTransaction {
  constructor(private readonly tx: EntityManager) {}

  async lockToken(id: string): Promise<StoredJoinToken | undefined> {
    const [row] = await this.tx.query<TokenRow[]>(
      `SELECT id, cluster_name AS "clusterName", labels, secret_hash AS "secretHash", purpose, cluster, key_hash AS "keyHash",
         expires_at < now() AS expired, revoked_at IS NOT NULL AS revoked FROM join_token WHERE id = $1 FOR UPDATE`,
      [id],
    );
    return row && { ...row, keyHash: toDigestOrNone(row.keyHash) };
  }

  /** Undefined when the name is taken. */
  async insertCluster(name: string, labels: object, kubeUid: string): Promise<IdentityRow | undefined> {
    const [row] = await this.tx.query<{ id: number; uid: string }[]>(
      `INSERT INTO cluster (name, join_labels, labels, kube_uid) VALUES ($1, $2, $2, $3)
       ON CONFLICT (name) WHERE state <> 'removed' DO NOTHING RETURNING id, uid`,
      [name, labels, kubeUid],
    );
    return row && { ...row, name, kubeUid, state: 'joining', certificate: null };
  }

  async lockCluster(id: number): Promise<IdentityRow | undefined> {
    const [row] = await this.tx.query<IdentityRow[]>(
      `SELECT id, uid, name, state, kube_uid AS "kubeUid", NULL AS certificate FROM cluster WHERE id = $1 FOR UPDATE`,
      [id],
    );
    return row;
  }

  /** The cluster that a certificate names, with the state of its serial. */
  async lockIdentity(uid: string, serial: string): Promise<IdentityRow | undefined> {
    const [row] = await this.tx.query<IdentityRow[]>(
      `SELECT c.id, c.uid, c.name, c.state, c.kube_uid AS "kubeUid", k.state AS certificate
       FROM cluster c LEFT JOIN certificate k ON k.serial = $2 AND k.cluster = c.id WHERE c.uid = $1 FOR UPDATE OF c`,
      [uid, serial],
    );
    return row;
  }

  async useToken(id: string, cluster: number, keyHash: Digest): Promise<void> {
    await this.tx.query(
      `UPDATE join_token SET cluster = $2, key_hash = $3, used_at = coalesce(used_at, now()) WHERE id = $1`,
      [id, cluster, toBytes(keyHash)],
    );
  }

  /** The certificate after the present one; an unused earlier next gives way. */
  async saveNext(cluster: number, issued: IssuedCertificate, keyHash: Digest): Promise<void> {
    await this.tx.query(`DELETE FROM certificate WHERE cluster = $1 AND state = 'next'`, [cluster]);
    await this.tx.query(
      `INSERT INTO certificate (serial, cluster, state, public_key_hash, not_after) VALUES ($1, $2, 'next', $3, $4)`,
      [issued.serial, cluster, toBytes(keyHash), issued.notAfter],
    );
  }

  /** At its first session a next certificate becomes the present one, and the cluster is joined (again). */
  async promote(cluster: number, serial: string): Promise<void> {
    await this.setCertificates(cluster, 'present', 'superseded');
    await this.tx.query(`UPDATE certificate SET state = 'present', used_at = now() WHERE serial = $1`, [serial]);
    await this.tx.query(
      `UPDATE cluster SET state = CASE WHEN state IN ('joining', 'rejoin') THEN 'joined' ELSE state END,
         state_reason = CASE WHEN state = 'rejoin' THEN '' ELSE state_reason END, joined_at = coalesce(joined_at, now())
       WHERE id = $1`,
      [cluster],
    );
  }

  async setState(cluster: number, state: ClusterState, reason: string): Promise<void> {
    await this.tx.query(`UPDATE cluster SET state = $2, state_reason = $3 WHERE id = $1`, [cluster, state, reason]);
  }

  private async setCertificates(cluster: number, from: CertificateState, to: CertificateState): Promise<void> {
    await this.tx.query(`UPDATE certificate SET state = $3 WHERE cluster = $1 AND state = $2`, [cluster, from, to]);
  }
}

@Injectable()
export class EnrolmentRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  transaction<T>(work: (tx: EnrolmentTransaction) => Promise<T>): Promise<T> {
    return this.dataSource.transaction((tx) => work(new EnrolmentTransaction(tx)));
  }

  /** Name of the cluster with this immutable id; undefined when there is none. */
  async nameOf(uid: string): Promise<string | undefined> {
    const rows = await this.dataSource.query<{ name: string }[]>('SELECT name FROM cluster WHERE uid = $1', [uid]);
    return rows[0]?.name;
  }
}
