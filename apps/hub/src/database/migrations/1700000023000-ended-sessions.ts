import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was confirmed on the last session of a cluster keeps its age when that session ends. */
export class EndedSessions1700000023000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE cluster ADD COLUMN ended_session_id text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE cluster DROP COLUMN ended_session_id');
  }
}
