import { Inject, Injectable } from '@nestjs/common';
import type { ClusterFacts, ClusterInput, JsonObject } from '@flotilla/domain';
import { canonicalJson } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';

interface ClusterRow {
  readonly id: number;
  readonly name: string;
  readonly join_labels: Record<string, string>;
  readonly labels: Record<string, string>;
  readonly values: JsonObject;
  readonly facts: Record<string, string>;
}

/** A cluster with what it joined with, and the labels and values that were last worked out for it. */
export interface KnownCluster extends ClusterInput {
  readonly labels: Readonly<Record<string, string>>;
  readonly values: JsonObject;
}

/** Clusters that can be targets, and the labels and values that follow from `Cluster` documents. */
@Injectable()
export class ClusterLabelsRepository {
  constructor(@Inject(DataSource) private readonly dataSource: DataSource) {}

  async load(): Promise<KnownCluster[]> {
    const rows = await this.dataSource.query<ClusterRow[]>(
      `SELECT id, name, join_labels, labels, "values", facts FROM cluster
       WHERE state IN ('joined', 'quarantined', 'rejoin') ORDER BY id`,
    );
    return rows.map(({ id, name, join_labels, labels, values, facts }) => {
      return { id, name, joinLabels: join_labels, facts, labels, values };
    });
  }

  /** Writes what differs. Returns the names of those clusters. */
  async save(tx: EntityManager, known: readonly KnownCluster[], now: readonly ClusterFacts[]): Promise<string[]> {
    const before = new Map(known.map((cluster) => [cluster.id, print(cluster)]));
    const changed = now.filter((cluster) => before.get(cluster.id) !== print(cluster));
    if (changed.length === 0) return [];
    await tx.query(
      `UPDATE cluster c SET labels = n.labels, "values" = n.vals
       FROM unnest($1::int[], $2::jsonb[], $3::jsonb[]) AS n(id, labels, vals) WHERE c.id = n.id`,
      [
        changed.map(({ id }) => id),
        changed.map(({ labels }) => JSON.stringify(labels)),
        changed.map(({ values }) => JSON.stringify(values)),
      ],
    );
    return changed.map(({ name }) => name);
  }
}

function print({ labels, values }: Pick<ClusterFacts, 'labels' | 'values'>): string {
  return canonicalJson({ labels, values });
}
