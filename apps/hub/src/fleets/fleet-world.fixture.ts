import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { TestDatabase } from '@flotilla/testing';
import { testDatabase } from '@flotilla/testing';
import { DataSource } from 'typeorm';
import type { HubConfig } from '../config/index.js';
import { ConfigModule, readHubConfig } from '../config/index.js';
import { DatabaseModule, LeaderService } from '../database/index.js';
import { EventsModule, HubEvents } from '../events/index.js';
import { LoggingModule } from '../logging/index.js';
import { SealingModule } from '../sealing/index.js';
import { SourcesModule, SourcesService } from '../sources/index.js';
import { FleetsModule } from './fleets.module.js';
import { FleetsService } from './fleets.service.js';

const exec = promisify(execFile);
const PEOPLE = {
  GIT_AUTHOR_NAME: 'ana',
  GIT_AUTHOR_EMAIL: 'ana@acme.example',
  GIT_COMMITTER_NAME: 'ana',
  GIT_COMMITTER_EMAIL: 'ana@acme.example',
  GIT_CONFIG_GLOBAL: '/dev/null',
};

/** A Git repository that somebody pushes to. `undefined` removes a file. */
export class Repository {
  private constructor(readonly folder: string) {}

  static async make(folder: string): Promise<Repository> {
    await mkdir(folder, { recursive: true });
    const repository = new Repository(folder);
    await repository.git('init', '--quiet', '--initial-branch=main', '.');
    return repository;
  }

  async git(...args: string[]): Promise<string> {
    const { stdout } = await exec('git', ['-C', this.folder, ...args], {
      env: { PATH: process.env['PATH'], ...PEOPLE },
    });
    return stdout.trim();
  }

  async commit(files: Readonly<Record<string, string | undefined>>, subject = 'change'): Promise<string> {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.folder, path);
      await mkdir(dirname(file), { recursive: true });
      await (content === undefined ? rm(file, { recursive: true }) : writeFile(file, content));
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '-m', subject);
    return this.git('rev-parse', 'HEAD');
  }
}

/** The part of a hub from Git to releases, on a database of its own, with a fleet repository to push to. */
export class FleetWorld implements AsyncDisposable {
  private constructor(
    private readonly folder: string,
    private readonly database: TestDatabase,
    private readonly config: HubConfig,
    readonly repository: Repository,
    private context: INestApplicationContext,
  ) {}

  static async make(
    clusters: Readonly<Record<string, Record<string, string>>>,
    files: Record<string, string> = {},
  ): Promise<FleetWorld> {
    const folder = await mkdtemp(join(tmpdir(), 'flotilla-fleets-'));
    const database = await testDatabase();
    const repository = await Repository.make(join(folder, 'fleet'));
    await repository.commit(files, 'first');
    const config = readHubConfig({
      DATABASE_URL: database.url,
      FLOTILLA_FLEET_URL: `file://${repository.folder}`,
      FLOTILLA_DATA_DIR: join(folder, 'data'),
      FLOTILLA_POLL_INTERVAL: '1h',
      FLOTILLA_LOG_LEVEL: 'silent',
    });
    const world = new FleetWorld(folder, database, config, repository, await startHub(config));
    for (const [name, labels] of Object.entries(clusters)) await world.join(name, labels);
    await world.lead();
    return world;
  }

  /** Ends the hub and starts another one on the same database and disk. */
  async restart(): Promise<void> {
    await this.context.close();
    this.context = await startHub(this.config);
    await this.lead();
  }

  /** A repository beside the fleet's. */
  async otherRepository(name: string, files: Record<string, string>): Promise<Repository> {
    const repository = await Repository.make(join(this.folder, name));
    await repository.commit(files, 'first');
    return repository;
  }

  /** Pushes, and waits until the hub has worked it out. */
  async push(files: Readonly<Record<string, string | undefined>>, subject?: string): Promise<string> {
    const commit = await this.repository.commit(files, subject);
    await this.refresh();
    return commit;
  }

  async refresh(): Promise<void> {
    await this.get(SourcesService).refresh();
    await this.get(FleetsService).settled();
  }

  async join(name: string, labels: Readonly<Record<string, string>>): Promise<number> {
    const [row] = await this.query<{ id: number }>(
      `INSERT INTO cluster (name, state, join_labels) VALUES ($1, 'joined', $2) RETURNING id`,
      [name, labels],
    );
    await this.tellFacts(row?.id ?? 0);
    return row?.id ?? 0;
  }

  async relabel(name: string, labels: Readonly<Record<string, string>>): Promise<void> {
    const [rows] = await this.query<{ id: number }[]>(
      `UPDATE cluster SET join_labels = $2 WHERE name = $1 RETURNING id`,
      [name, labels],
    );
    await this.tellFacts(rows?.[0]?.id ?? 0);
  }

  get<T>(type: new (...args: never[]) => T): T {
    return this.context.get(type);
  }

  async query<T>(sql: string, parameters: unknown[] = []): Promise<T[]> {
    return this.get(DataSource).query<T[]>(sql, parameters);
  }

  /** `web #2 eu-1=<bundle> …` of every app's newest release, with short digests. */
  async parts(): Promise<string[]> {
    const rows = await this.query<{ text: string }>(
      `SELECT a.name || ' #' || r.number || ' ' || string_agg(c.name || '=' || left(encode(p.bundle, 'hex'), 6), ' ' ORDER BY c.name) AS text
       FROM app a JOIN release r ON r.id = a.newest_release JOIN release_part p ON p.release = r.id
       JOIN cluster c ON c.id = ANY(p.cluster_ids) GROUP BY a.name, r.number ORDER BY a.name`,
    );
    return rows.map(({ text }) => text);
  }

  /** `web@eu-1 active #2`, with the number of the desired release. */
  async targets(): Promise<string[]> {
    const rows = await this.query<{ text: string }>(
      `SELECT a.name || '@' || c.name || ' ' || t.life || COALESCE(' ' || NULLIF(t.life_because, ''), '') || COALESCE(' #' || r.number, '') AS text
       FROM target t JOIN app a ON a.id = t.app JOIN cluster c ON c.id = t.cluster LEFT JOIN release r ON r.id = t.desired_release
       ORDER BY a.name, c.name`,
    );
    return rows.map(({ text }) => text);
  }

  /** `error noObjects App web apps/web/flotilla.yaml:1 …` */
  async problems(): Promise<string[]> {
    const rows = await this.query<{ text: string }>(
      `SELECT severity || ' ' || code || ' ' || subject_kind || ' ' || subject_name || ' ' || file || ':' || line || ' ' || message AS text
       FROM problem ORDER BY file, line, message`,
    );
    return rows.map(({ text }) => text);
  }

  /** Commits that the hub's mirrors keep. */
  async pins(): Promise<string[]> {
    const mirrors = join(this.folder, 'data', 'sources');
    const names = await readdir(mirrors);
    const pins = names.map((name) => readdir(join(mirrors, name, 'refs', 'flotilla', 'pins')).catch(() => []));
    const packed = names.map((name) => readFile(join(mirrors, name, 'packed-refs'), 'utf8').catch(() => ''));
    const lines = (await Promise.all(packed)).flatMap((text) => text.split('\n'));
    return [...(await Promise.all(pins)).flat(), ...lines.map((line) => line.split('/pins/')[1] ?? '')];
  }

  /** Differs after any write of a row. */
  async written(table: string): Promise<string> {
    const [row] = await this.query<{ versions: string }>(
      `SELECT COALESCE(string_agg(xmin::text || ':' || ctid::text, ' ' ORDER BY ctid), '') AS versions FROM ${table}`,
    );
    return `${table} ${row?.versions}`;
  }

  async count(table: string): Promise<number> {
    const [row] = await this.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`);
    return Number(row?.n);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.context.close();
    await this.database[Symbol.asyncDispose]();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async tellFacts(id: number): Promise<void> {
    this.get(HubEvents).emit('clusterFactsChanged', { clusterIds: [id] });
    await this.get(FleetsService).settled();
  }

  private async lead(): Promise<void> {
    const first = new Promise<void>((resolve) => {
      this.get(HubEvents).on('sourceMoved', () => resolve());
    });
    this.get(LeaderService).start();
    await first;
    await this.get(SourcesService).refresh();
    await this.get(FleetsService).settled();
  }
}

async function startHub(config: HubConfig): Promise<INestApplicationContext> {
  @Module({
    imports: [
      ConfigModule.of(config),
      EventsModule,
      LoggingModule,
      DatabaseModule,
      SealingModule,
      SourcesModule,
      FleetsModule,
    ],
  })
  class FleetHub {}
  return NestFactory.createApplicationContext(FleetHub, { logger: false, abortOnError: false });
}
