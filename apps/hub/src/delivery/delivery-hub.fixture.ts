import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Digest, JsonObject, ManifestEntry } from '@flotilla/domain';
import { canonicalJson, digestJson, manifestDigest, objectId } from '@flotilla/domain';
import { parseJoinToken } from '@flotilla/protocol';
import type { TestDatabase } from '@flotilla/testing';
import { eventually, testDatabase } from '@flotilla/testing';
import { DataSource } from 'typeorm';
import { AccessModule } from '../access/index.js';
import {
  AuthorityService,
  ClustersModule,
  ClustersService,
  IdentityService,
  EnrolmentService,
  PublicAddresses,
} from '../clusters/index.js';
import { ConfigModule, readHubConfig } from '../config/index.js';
import { DatabaseModule, LeaderService, toBytes } from '../database/index.js';
import { ClockModule } from '../clock/index.js';
import { EventsModule, HubEvents } from '../events/index.js';
import { LoggingModule } from '../logging/index.js';
import { ReportsModule } from '../reports/index.js';
import { SealingModule } from '../sealing/index.js';
import { DeliveryModule } from './delivery.module.js';
import { DeliveryStrategy } from './delivery.strategy.js';
import { FakeAgent, makeCsr, makeKeys } from './fake-agent.fixture.js';
import { SessionRegistry } from './session-registry.service.js';

export const ADMIN = { name: 'ana' };

/** The hub's side of the wire on a database of its own: identity, delivery and reports, without anything that decides. */
export class DeliveryHub implements AsyncDisposable {
  private policies = new Set<Digest>();

  private constructor(
    private readonly folder: string,
    private readonly database: TestDatabase,
    readonly app: NestFastifyApplication,
  ) {}

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<DeliveryHub> {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-delivery-'));
    const database = await testDatabase();
    const app = await startApp(database, folder, settings);
    const hub = new DeliveryHub(folder, database, app);
    await eventually(() => {
      if (!hub.leader.leading) throw new Error('not leading yet');
    });
    return hub;
  }

  /** Another hub on the same database and hub key: a standby, or the next one. */
  async another(settings: Readonly<Record<string, string>> = {}): Promise<NestFastifyApplication> {
    return startApp(this.database, this.folder, settings);
  }

  get db(): DataSource {
    return this.app.get(DataSource);
  }

  get leader(): LeaderService {
    return this.app.get(LeaderService);
  }

  get events(): HubEvents {
    return this.app.get(HubEvents);
  }

  get clusters(): ClustersService {
    return this.app.get(ClustersService);
  }

  get identities(): IdentityService {
    return this.app.get(IdentityService);
  }

  get authority(): AuthorityService {
    return this.app.get(AuthorityService);
  }

  get sessions(): SessionRegistry {
    return this.app.get(SessionRegistry);
  }

  get joinAddress(): string {
    return this.app.get(PublicAddresses).of('join');
  }

  get agentsAddress(): string {
    return this.app.get(PublicAddresses).of('agents');
  }

  async clusterId(name: string): Promise<number> {
    const { id } = await this.clusters.get(name);
    return id;
  }

  /** Stores a bundle of ConfigMaps, one per value. @returns its digest. */
  async bundle(values: Readonly<Record<string, string>>): Promise<Digest> {
    const entries: ManifestEntry[] = [];
    for (const [name, value] of Object.entries(values)) {
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'web' }, data: { value } };
      const text = canonicalJson(object);
      const id = objectId(text, '');
      entries.push({ objectId: id, apiVersion: 'v1', ref: { group: '', kind: 'ConfigMap', namespace: 'web', name } });
      await this.db.query(
        'INSERT INTO object_content (id, secret, body, bytes) VALUES ($1, false, $2, $3) ON CONFLICT DO NOTHING',
        [toBytes(id), Buffer.from(text), Buffer.byteLength(text)],
      );
    }
    const digest = manifestDigest(entries);
    await this.db.query('INSERT INTO bundle (digest, entries, objects) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING', [
      toBytes(digest),
      JSON.stringify(entries),
      entries.length,
    ]);
    return digest;
  }

  private async policy(): Promise<Digest> {
    const body: JsonObject = { mode: 'manage', namespace: 'web' };
    const digest = digestJson(body);
    if (!this.policies.has(digest)) {
      await this.db.query('INSERT INTO policy (digest, body) VALUES ($1, $2)', [toBytes(digest), body]);
      this.policies.add(digest);
    }
    return digest;
  }

  private async release(app: string): Promise<{ app: number; release: string }> {
    const [row] = await this.db.query<{ app: number; release: string }[]>(
      `WITH a AS (INSERT INTO app (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET last_number = app.last_number + 1 RETURNING id, last_number + 1 AS number),
         r AS (INSERT INTO fleet_revision (commit, problems) VALUES ('c', 0) RETURNING id),
         s AS (INSERT INTO snapshot (number, revision, sources) SELECT r.id, r.id, '{}' FROM r RETURNING number)
       INSERT INTO release (app, number, snapshot, source, commit, author, subject, committed_at)
       SELECT a.id, a.number, s.number, 'fleet', 'c', 'ana', 'change', now() FROM a, s RETURNING app, id AS release`,
      [app],
    );
    return row as { app: number; release: string };
  }

  /** Allows an app's next release with this bundle on clusters, as rollouts do, and tells it. */
  async allow(app: string, bundle: Digest, names: readonly string[]): Promise<void> {
    const [policy, release] = [await this.policy(), await this.release(app)];
    const rows = await this.db.query<[{ id: number }[], number]>(
      `WITH c AS (UPDATE cluster SET desired_number = desired_number + 1 WHERE name = ANY ($1) AND state <> 'removed' RETURNING id, desired_number)
       INSERT INTO target (app, cluster, desired_release, desired_bundle, desired_policy, allowed_release, allowed_bundle, allowed_policy, allowed_at, allowed_generation, allowed_number)
       SELECT $2, c.id, $3, $4, $5, $3, $4, $5, now(), 1, c.desired_number FROM c
       ON CONFLICT (app, cluster) DO UPDATE SET desired_release = $3, desired_bundle = $4, desired_policy = $5, allowed_release = $3,
         allowed_bundle = $4, allowed_policy = $5, allowed_at = now(), allowed_generation = 1, allowed_number = excluded.allowed_number
       RETURNING cluster AS id`,
      [names, release.app, release.release, toBytes(bundle), toBytes(policy)],
    );
    const ids = (rows as unknown as { id: number }[]).map(({ id }) => id);
    this.events.emit('assigned', { clusterIds: ids });
  }

  async target(app: string, cluster: string): Promise<Record<string, unknown> | undefined> {
    const [row] = await this.db.query<Record<string, unknown>[]>(
      `SELECT t.* FROM target t JOIN app a ON a.id = t.app JOIN cluster c ON c.id = t.cluster WHERE a.name = $1 AND c.name = $2`,
      [app, cluster],
    );
    return row;
  }

  async one<T>(sql: string, parameters: unknown[] = []): Promise<T> {
    const [row] = await this.db.query<T[]>(sql, parameters);
    return row!;
  }

  /** A cluster that has joined, with its agent; the join listener is passed by, which saves two handshakes. */
  async join(name: string, labels: Readonly<Record<string, string>> = {}): Promise<FakeAgent> {
    const { token } = await this.clusters.createJoin(name, labels, ADMIN);
    const [keys, kubeUid] = [await makeKeys(), randomUUID()];
    const attempt = { token: parseJoinToken(token), csr: await makeCsr(keys), kubeUid, from: 'test' };
    const { certificate, clusterUid: clusterId, clusterName } = await this.app.get(EnrolmentService).enrol(attempt);
    const trust = { authorities: [...this.authority.trustBundle] };
    const enrolled = { clusterId, clusterName, certificate, trust, agentsAddress: this.agentsAddress };
    return FakeAgent.with(enrolled, { keys, kubeUid, address: this.agentsAddress });
  }

  async audit(action: string): Promise<{ subject: string; reason: string; outcome: string }[]> {
    return this.db.query('SELECT subject, reason, outcome FROM audit WHERE action = $1 ORDER BY id', [action]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.database[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true });
  }
}

async function startApp(
  database: TestDatabase,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<NestFastifyApplication> {
  const config = readHubConfig({
    DATABASE_URL: database.url,
    FLOTILLA_FLEET_URL: `file://${folder}/none`,
    FLOTILLA_DATA_DIR: folder,
    FLOTILLA_HTTP_LISTEN: '127.0.0.1:0',
    FLOTILLA_JOIN_LISTEN: '127.0.0.1:0',
    FLOTILLA_AGENTS_LISTEN: '127.0.0.1:0',
    FLOTILLA_LEADER_LEASE: '3s',
    FLOTILLA_LOG_LEVEL: 'silent',
    ...settings,
  });
  @Module({
    imports: [
      ConfigModule.of(config),
      LoggingModule,
      EventsModule,
      ClockModule,
      DatabaseModule,
      SealingModule,
      AccessModule,
      ClustersModule,
      ReportsModule,
      DeliveryModule,
    ],
  })
  class Part {}
  const app = await NestFactory.create<NestFastifyApplication>(Part, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  app.connectMicroservice({ strategy: app.get(DeliveryStrategy) });
  await app.init();
  await app.startAllMicroservices();
  app.get(LeaderService).start();
  return app;
}
