import type { DataSource, EntityManager } from 'typeorm';
import type { Client } from 'pg';

/** Rows that any plan handles well. */
export const FEW = 50;

/** Names of statements in this process, by their text. */
const names = new Map<string, string>();

/**
 * Runs a statement that is sent again and again: Postgres parses and plans it once per connection, which is most of what a
 * short one costs. Only for texts that are constants of the program, and for what touches few rows: one plan serves all
 * calls, and one made when a table was small would be bad for many.
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

/** A statement that writes rows. */
export interface Batch {
  readonly text: string;
  readonly values: readonly unknown[];
  readonly rows: number;
}

/** The same for writing, planned anew when it touches many rows. */
export async function queryBatch(tx: EntityManager, { text, values, rows }: Batch): Promise<void> {
  if (rows <= FEW) await queryPrepared(tx, text, values);
  else await tx.query(text, [...values]);
}

function nameOf(text: string): string {
  const name = names.get(text) ?? `statement-${names.size}`;
  names.set(text, name);
  return name;
}
