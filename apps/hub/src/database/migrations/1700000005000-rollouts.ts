import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Rollouts with their decisions, and the acts of people on them. What the planner wrote is kept as `json`: it is compared as
 * text, and jsonb would put its members in another order.
 */
export class Rollouts1700000005000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE rollout (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        app int NOT NULL REFERENCES app,
        release bigint NOT NULL REFERENCES release,
        state text NOT NULL
          CHECK (state IN ('running', 'paused', 'held', 'halted', 'rolledBack', 'done', 'superseded', 'aborted')),
        strategy json NOT NULL,
        waves json NOT NULL DEFAULT '[]',
        memory json NOT NULL DEFAULT '{}',
        blocked_by json NOT NULL DEFAULT '[]',
        next_look_at timestamptz,
        started_at timestamptz NOT NULL DEFAULT now(),
        changed_at timestamptz NOT NULL DEFAULT now(),
        ended_at timestamptz
      );
      CREATE UNIQUE INDEX rollout_live ON rollout (app) WHERE ended_at IS NULL;
      CREATE INDEX rollout_app ON rollout (app, id DESC);
      CREATE TABLE rollout_event (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        rollout bigint NOT NULL REFERENCES rollout,
        at timestamptz NOT NULL DEFAULT now(),
        kind text NOT NULL,
        wave text,
        cluster int,
        detail jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX rollout_event_rollout ON rollout_event (rollout, id);
      CREATE TABLE act (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        app int NOT NULL REFERENCES app,
        release bigint REFERENCES release,
        kind text NOT NULL,
        wave text,
        cluster int REFERENCES cluster,
        actor text NOT NULL,
        reason text NOT NULL DEFAULT '',
        request_id text NOT NULL UNIQUE,
        at timestamptz NOT NULL DEFAULT now(),
        detail jsonb NOT NULL DEFAULT '{}',
        cleared_at timestamptz
      );
      CREATE INDEX act_app ON act (app, id DESC);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE act, rollout_event, rollout');
  }
}
