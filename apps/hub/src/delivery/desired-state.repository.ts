import { Inject, Injectable } from '@nestjs/common';
import type { AppEntry, AppLife, AppMode, Version } from '@flotilla/domain';
import { DataSource } from 'typeorm';
import { LeaderService, toDigest } from '../database/index.js';

/** What a cluster should hold now. */
export interface WantedState {
  readonly clusterId: number;
  readonly version: Version;
  /** Set while nothing may be published. */
  readonly frozenBecause: string | undefined;
  readonly entries: readonly AppEntry[];
}

interface Row {
  readonly id: number;
  readonly number: string;
  readonly generation: string;
  readonly mode: string;
  readonly modeReason: string | null;
  readonly clusterSuspendedUntil: Date | null;
  readonly app: string | null;
  readonly life: 'active' | 'leaving' | 'asked' | 'orphaned' | 'pruned';
  readonly bundle: Buffer;
  readonly policy: Buffer;
  readonly pending: Buffer | null;
  readonly approvedDeletions: Buffer[];
  readonly suspendedUntil: Date | null;
  readonly retry: number;
  readonly sinceGeneration: string;
  readonly sinceNumber: string;
  readonly policyMode: AppMode | null;
}

/** An app that leaves runs and is healed until a person or its policy has said what becomes of its objects. */
const LIVES: Readonly<Record<Row['life'], AppLife>> = {
  active: 'active',
  leaving: 'active',
  asked: 'active',
  orphaned: 'orphan',
  pruned: 'prune',
};

@Injectable()
export class DesiredStateRepository {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(LeaderService) private readonly leader: LeaderService,
  ) {}

  /** One statement, so that version and entries are of one moment. */
  async load(clusterIds: readonly number[]): Promise<WantedState[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT c.id, c.desired_number AS number, h.generation, h.mode, h.mode_reason AS "modeReason",
         c.suspended_until AS "clusterSuspendedUntil", a.name AS app, t.life, t.allowed_bundle AS bundle, t.allowed_policy AS policy,
         CASE WHEN t.desired_bundle IS DISTINCT FROM t.allowed_bundle AND t.life IN ('active', 'asked') THEN t.desired_bundle END AS pending,
         t.approved_deletions AS "approvedDeletions", t.suspended_until AS "suspendedUntil", t.retry,
         t.allowed_generation AS "sinceGeneration", t.allowed_number AS "sinceNumber", p.body ->> 'mode' AS "policyMode"
       FROM cluster c CROSS JOIN hub_state h
         LEFT JOIN target t ON t.cluster = c.id AND t.allowed_bundle IS NOT NULL
         LEFT JOIN app a ON a.id = t.app LEFT JOIN policy p ON p.digest = t.allowed_policy
       WHERE c.id = ANY ($1)`,
      [clusterIds],
    );
    const states = new Map<number, WantedState & { entries: AppEntry[] }>();
    for (const row of rows) {
      const state = states.get(row.id) ?? stateOf(row);
      states.set(row.id, state);
      if (row.app !== null) state.entries.push(entryOf(row, row.app));
    }
    return [...states.values()];
  }

  async loadVersions(clusterIds: readonly number[]): Promise<Pick<WantedState, 'clusterId' | 'version'>[]> {
    const rows = await this.dataSource.query<Pick<Row, 'id' | 'number' | 'generation'>[]>(
      `SELECT c.id, c.desired_number AS number, h.generation FROM cluster c CROSS JOIN hub_state h WHERE c.id = ANY ($1)`,
      [clusterIds],
    );
    return rows.map((row) => ({ clusterId: row.id, version: versionOf(row) }));
  }

  /**
   * Raises the version of clusters whose entries changed without it (a pending bundle, for example): an agent must never
   * see two states under one version.
   */
  async raiseVersions(clusterIds: readonly number[]): Promise<void> {
    await this.leader.decide((tx) =>
      tx.query(`UPDATE cluster SET desired_number = desired_number + 1 WHERE id = ANY ($1)`, [clusterIds]),
    );
  }
}

function versionOf({ generation, number }: Pick<Row, 'number' | 'generation'>): Version {
  return { generation: Number(generation), number: Number(number) };
}

function stateOf(row: Row): WantedState & { entries: AppEntry[] } {
  return {
    clusterId: row.id,
    version: versionOf(row),
    frozenBecause: row.mode === 'normal' ? undefined : (row.modeReason ?? row.mode),
    entries: [],
  };
}

function entryOf(row: Row, app: string): AppEntry {
  return {
    app,
    bundle: toDigest(row.bundle),
    policy: toDigest(row.policy),
    life: LIVES[row.life],
    mode: row.policyMode ?? 'manage',
    pendingBundle: row.pending === null ? undefined : toDigest(row.pending),
    approvedDeletions: row.approvedDeletions.map(toDigest).sort(),
    suspendedUntil: Math.max(row.suspendedUntil?.getTime() ?? 0, row.clusterSuspendedUntil?.getTime() ?? 0),
    retry: row.retry,
    since: { generation: Number(row.sinceGeneration), number: Number(row.sinceNumber) },
  };
}
