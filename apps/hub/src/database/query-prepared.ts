import type { DataSource, EntityManager } from 'typeorm';
import type { Client } from 'pg';

/** Names of statements in this process, by their text. */
const names = new Map<string, string>();

/**
 * Runs a statement that is sent again and again: Postgres parses and plans it once per connection, which is most of what a
 * short one costs. Only for texts that are constants of the program, and for conditions that one plan serves well.
 * @returns rows of SELECT and of RETURNING
 */
export async function queryPrepared<T>(
  through: EntityManager | DataSource,
  text: string,
  values: readonly unknown[],
): Promise<T[]> {
  const { queryRunner } = through as EntityManager;
  if (queryRunner) return run(queryRunner.connect(), text, values);
  const own = (through as DataSource).createQueryRunner();
  try {
    return await run(own.connect(), text, values);
  } finally {
    await own.release();
  }
}

async function run<T>(client: Promise<unknown>, text: string, values: readonly unknown[]): Promise<T[]> {
  const { rows } = await ((await client) as Client).query({ name: nameOf(text), text, values: [...values] });
  return rows as T[];
}

function nameOf(text: string): string {
  const name = names.get(text) ?? `statement-${names.size}`;
  names.set(text, name);
  return name;
}
