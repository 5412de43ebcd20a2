import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Time that leaders observed, all in all, and when targets left by it: no wall clock that is set makes the guard against mass
 * removal forget, or remember for longer. What left before this migration counts as if it had left with it.
 */
export class ObservedTime1700000024000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE leader ADD COLUMN observed_ms bigint NOT NULL DEFAULT 0;
      ALTER TABLE departure ADD COLUMN observed_ms bigint NOT NULL DEFAULT 0;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE departure DROP COLUMN observed_ms;
      ALTER TABLE leader DROP COLUMN observed_ms;
    `);
  }
}
