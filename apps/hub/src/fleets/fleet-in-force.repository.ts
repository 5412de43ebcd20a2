import { Inject, Injectable } from '@nestjs/common';
import type { Definition, FleetDefinitions, Part, TargetInForce, TargetLife } from '@flotilla/domain';
import { collectDefinitions } from '@flotilla/domain';
import { DataSource } from 'typeorm';
import { toDigest, toDigestOrNone } from '../database/index.js';
import type { FleetInForce, StoredApp } from './fleet-in-force.js';

interface AppRow {
  readonly id: number;
  readonly name: string;
  readonly life: StoredApp['life'];
  readonly last_number: number;
  readonly newest_release: string | null;
  readonly inputs: Buffer | null;
  readonly good_commit: string;
  readonly namespace: string;
  readonly project: string;
  readonly strategy: string;
  readonly frozen_because: string;
}

interface SnapshotRow {
  readonly number: string;
  readonly revision: string;
  readonly sources: Record<string, string>;
}

/** Reads back what the fleet was when it was last saved. */
@Injectable()
export class FleetInForceRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async load(): Promise<FleetInForce> {
    const [snapshot] = await this.dataSource.query<SnapshotRow[]>(
      'SELECT number, revision, sources FROM snapshot ORDER BY number DESC LIMIT 1',
    );
    return {
      definitions: snapshot ? await this.loadDefinitions() : undefined,
      revision: snapshot ? Number(snapshot.revision) : undefined,
      snapshot: Number(snapshot?.number ?? 0),
      commits: snapshot?.sources ?? {},
      apps: await this.loadApps(),
    };
  }

  async loadDefinitions(): Promise<FleetDefinitions> {
    const rows = await this.dataSource.query<{ body: Definition }[]>('SELECT body FROM definition');
    return collectDefinitions(rows.map(({ body }) => body));
  }

  private async loadApps(): Promise<Map<string, StoredApp>> {
    const rows = await this.dataSource.query<AppRow[]>('SELECT * FROM app');
    const [parts, targets] = [await this.loadParts(), await this.loadTargets()];
    return new Map(
      rows.map((row) => [
        row.name,
        {
          id: row.id,
          name: row.name,
          life: row.life,
          lastNumber: row.last_number,
          newestRelease: row.newest_release === null ? undefined : Number(row.newest_release),
          inputs: toDigestOrNone(row.inputs),
          goodCommit: row.good_commit,
          namespace: row.namespace,
          project: row.project,
          strategy: row.strategy,
          frozenBecause: row.frozen_because,
          parts: row.newest_release === null ? undefined : (parts.get(row.id) ?? []),
          targets: targets.get(row.id) ?? new Map(),
        },
      ]),
    );
  }

  private async loadParts(): Promise<Map<number, Part[]>> {
    const rows = await this.dataSource.query<{ app: number; bundle: Buffer; policy: Buffer; cluster_ids: number[] }[]>(
      `SELECT a.id AS app, p.bundle, p.policy, p.cluster_ids FROM app a JOIN release_part p ON p.release = a.newest_release`,
    );
    const parts = new Map<number, Part[]>();
    for (const { app, bundle, policy, cluster_ids } of rows) {
      const part = { bundle: toDigest(bundle), policy: toDigest(policy), clusterIds: cluster_ids };
      parts.set(app, [...(parts.get(app) ?? []), part]);
    }
    return parts;
  }

  private async loadTargets(): Promise<Map<number, Map<number, TargetInForce>>> {
    const rows = await this.dataSource.query<{ app: number; cluster: number; life: TargetLife; matched_by: string }[]>(
      'SELECT app, cluster, life, matched_by FROM target',
    );
    const targets = new Map<number, Map<number, TargetInForce>>();
    for (const { app, cluster, life, matched_by } of rows) {
      const of = targets.get(app) ?? new Map<number, TargetInForce>();
      targets.set(app, of.set(cluster, { life, reason: matched_by }));
    }
    return targets;
  }
}
