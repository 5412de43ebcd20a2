import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@flotilla/domain';
import type { EntityManager } from 'typeorm';
import { DataSource } from 'typeorm';
import pg from 'pg';
import { HubConfig } from '../config/index.js';
import { queryPrepared } from './query-prepared.js';

const LEADER_LOCK = 7_365_002;

export type LeaderListener = (leading: boolean) => void;

/**
 * One hub decides, the others wait. A session lock in Postgres makes a fall of the leader known at once; the row `leader`
 * with its epoch fences whoever still believes to lead: every deciding transaction checks it (invariant 8). A leader that
 * hangs stops renewing its row, and a standby then ends its database session.
 */
@Injectable()
export class LeaderService {
  private readonly id = randomUUID();
  private readonly listeners = new Set<LeaderListener>();
  private client: pg.Client | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private ownAddress = '';
  private term: { epoch: number; electedAt: number } | undefined;
  /** By the monotonic clock of this process. */
  private renewedMs = 0;

  constructor(
    @Inject(HubConfig) private readonly config: HubConfig,
    @Inject(DataSource) private readonly dataSource: DataSource,
  ) {}

  get leading(): boolean {
    return this.term !== undefined;
  }

  /** Epoch of this hub's leadership. @throws Fault notLeader */
  get epoch(): number {
    if (!this.term) throw new Fault('notLeader', 'this hub is a standby');
    return this.term.epoch;
  }

  /** Unix ms at which this hub was elected. @throws Fault notLeader */
  get electedAt(): number {
    if (!this.term) throw new Fault('notLeader', 'this hub is a standby');
    return this.term.electedAt;
  }

  /** Told on every change; at once when this hub leads already. */
  onChange(listener: LeaderListener): () => void {
    this.listeners.add(listener);
    if (this.leading) listener(true);
    return () => this.listeners.delete(listener);
  }

  /**
   * Runs work in a transaction that holds only while this hub leads.
   * @throws Fault notLeader when it does not, or no longer.
   */
  async decide<T>(work: (tx: EntityManager) => Promise<T>): Promise<T> {
    const { epoch } = this;
    return this.dataSource.transaction(async (tx) => {
      const check = 'SELECT 1 FROM leader WHERE one AND holder = $1 AND epoch = $2 FOR SHARE';
      const rows = await queryPrepared(tx, check, [this.id, epoch]);
      if (rows.length === 0) throw new Fault('notLeader', 'another hub has taken over');
      return work(tx);
    });
  }

  /**
   * Stands for election until stopped. Returns at once.
   * @param address `host:port` under which the other hubs reach this one when it leads
   */
  start(address = ''): void {
    this.ownAddress = address;
    void this.campaign();
  }

  /** Where the other hubs reach the present leader; undefined when nobody was ever elected, or it told no address. */
  async address(): Promise<string | undefined> {
    const [row] = await this.dataSource.query<{ address: string | null }[]>('SELECT address FROM leader');
    return row?.address ? row.address : undefined;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    this.resign();
    await this.client?.end().catch(() => undefined);
  }

  private async campaign(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.lead();
      } catch {
        // The database is away or ended our session: stand again shortly.
      }
      this.resign();
      if (!this.stopped) await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Waits for the lock, then leads until the connection ends. */
  private async lead(): Promise<void> {
    const client = new pg.Client({ connectionString: this.config.settings.databaseUrl, keepAlive: true });
    this.client = client;
    const ended = new Promise<void>((resolve) => {
      client.once('error', () => resolve());
      client.once('end', () => resolve());
    });
    try {
      await client.connect();
      await this.waitForLock(client);
      if (this.stopped) return;
      await this.takeOffice(client);
      await ended;
    } finally {
      clearInterval(this.timer);
      await client.end().catch(() => undefined);
    }
  }

  private async waitForLock(client: pg.Client): Promise<void> {
    this.every(() => this.unseatHungLeader());
    await client.query('SELECT pg_advisory_lock($1)', [LEADER_LOCK]);
  }

  private async takeOffice(client: pg.Client): Promise<void> {
    const { rows } = await client.query<{ epoch: string }>(
      `UPDATE leader SET holder = $1, address = $2, epoch = epoch + 1, backend_pid = pg_backend_pid(), elected_at = now(),
         until = now() + $3 * interval '1 millisecond' RETURNING epoch`,
      [this.id, this.ownAddress, this.config.settings.leaseMs],
    );
    this.term = { epoch: Number(rows[0]?.epoch), electedAt: Date.now() };
    this.renewedMs = performance.now();
    this.every(() => this.renew(client));
    for (const listener of this.listeners) listener(true);
  }

  private every(action: () => Promise<void>): void {
    clearInterval(this.timer);
    this.timer = setInterval(() => void action().catch(() => undefined), this.config.settings.leaseMs / 3);
  }

  /** Adds what was observed since the last time: never more than the lease, for which alone this hub may believe to lead. */
  private async renew(client: pg.Client): Promise<void> {
    const { leaseMs } = this.config.settings;
    const nowMs = performance.now();
    const observedMs = Math.round(Math.min(leaseMs, nowMs - this.renewedMs));
    this.renewedMs = nowMs;
    const { rowCount } = await client.query(
      `UPDATE leader SET until = now() + $3 * interval '1 millisecond', observed_ms = observed_ms + $4
       WHERE holder = $1 AND epoch = $2`,
      [this.id, this.term?.epoch, leaseMs, observedMs],
    );
    if (rowCount === 0) await client.end();
  }

  private async unseatHungLeader(): Promise<void> {
    await this.dataSource.query(
      `SELECT pg_terminate_backend(l.backend_pid) FROM leader l JOIN pg_stat_activity a ON a.pid = l.backend_pid
       WHERE l.until < now() AND a.query NOT LIKE '%pg_advisory_lock%'`,
    );
  }

  private resign(): void {
    if (!this.term) return;
    this.term = undefined;
    for (const listener of this.listeners) listener(false);
  }
}
