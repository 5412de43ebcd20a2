import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The life of each drift of a target, open and over (bounded per target), and what an agent in mode observe would do. Times
 * are the agents' own, kept as Unix ms: they are shown, never decided by.
 */
export class Drifts1700000021000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE target ADD COLUMN plan jsonb;
      CREATE TABLE drift (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        app int NOT NULL,
        cluster int NOT NULL,
        ref jsonb NOT NULL,
        kind text NOT NULL,
        field text NOT NULL,
        wanted text NOT NULL,
        live text NOT NULL,
        manager text NOT NULL,
        at_ms bigint NOT NULL,
        state text NOT NULL CHECK (state IN ('open', 'healed', 'reported', 'contested', 'suspended', 'gone')),
        seen_ms bigint NOT NULL,
        mark_ms bigint NOT NULL,
        ended_ms bigint NOT NULL,
        FOREIGN KEY (app, cluster) REFERENCES target ON DELETE CASCADE
      );
      CREATE INDEX drift_target ON drift (app, cluster, id DESC);
      CREATE INDEX drift_open ON drift (app, cluster) WHERE ended_ms = 0;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE drift; ALTER TABLE target DROP COLUMN plan');
  }
}
