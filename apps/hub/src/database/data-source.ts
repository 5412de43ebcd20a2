import { DataSource } from 'typeorm';
import type { HubConfig } from '../config/index.js';
import { migrations } from './migrations/index.js';

/** Any number that no other program on the same database is likely to use; it names the migration lock. */
const MIGRATION_LOCK = 7_365_001;

/** An unconnected data source. The schema comes from migrations only, never from entities. */
export function createDataSource(config: HubConfig): DataSource {
  return new DataSource({
    type: 'postgres',
    url: config.settings.databaseUrl,
    entities: [],
    migrations,
    migrationsTableName: 'schema_migration',
    migrationsTransactionMode: 'all',
    synchronize: false,
    logging: false,
    applicationName: 'flotilla-hub',
    extra: { max: config.settings.databasePool, keepAlive: true },
  });
}

/**
 * Brings the schema up to date under a lock, so that several hubs may start at once.
 * @throws Error when the database has a migration that this program does not know: a newer hub wrote it.
 */
export async function migrate(dataSource: DataSource): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await runner.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await refuseUnknownSchema(dataSource);
    await dataSource.runMigrations();
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await runner.release();
  }
}

async function refuseUnknownSchema(dataSource: DataSource): Promise<void> {
  const [found] = await dataSource.query<{ exists: string | null }[]>(
    `SELECT to_regclass('schema_migration') AS exists`,
  );
  if (!found?.exists) return;
  const applied = await dataSource.query<{ name: string }[]>('SELECT name FROM schema_migration');
  const known = new Set(migrations.map((migration) => migration.name));
  const unknown = applied.filter(({ name }) => !known.has(name)).map(({ name }) => name);
  if (unknown.length === 0) return;
  throw new Error(
    `the database has a schema that this hub does not know (${unknown.join(', ')}): a newer hub has used it. Start that version, or restore an older backup.`,
  );
}
