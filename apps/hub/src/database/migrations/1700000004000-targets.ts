import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The four facts of a target, never merged: desired (written by fleets), allowed (by rollouts), applied and live (by
 * reports). Current state only; changes go to target_event, partitioned by day.
 */
export class Targets1700000004000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE target (
        app int NOT NULL REFERENCES app,
        cluster int NOT NULL REFERENCES cluster,
        life text NOT NULL DEFAULT 'active' CHECK (life IN ('active', 'leaving', 'asked', 'orphaned', 'pruned')),
        life_because text NOT NULL DEFAULT '',
        life_since timestamptz NOT NULL DEFAULT now(),
        matched_by text NOT NULL DEFAULT '',

        desired_release bigint REFERENCES release,
        desired_bundle bytea,
        desired_policy bytea,

        allowed_release bigint REFERENCES release,
        allowed_bundle bytea,
        allowed_policy bytea,
        allowed_at timestamptz,
        allowed_generation bigint NOT NULL DEFAULT 0,
        allowed_number bigint NOT NULL DEFAULT 0,
        approved_deletions bytea[] NOT NULL DEFAULT '{}',
        retry int NOT NULL DEFAULT 0,
        suspended_until timestamptz,
        suspended_reason text NOT NULL DEFAULT '',

        proven_release bigint REFERENCES release,
        proven_bundle bytea,
        proven_policy bytea,
        proven_at timestamptz,

        session_id text,
        evaluated_generation bigint NOT NULL DEFAULT 0,
        evaluated_number bigint NOT NULL DEFAULT 0,
        applied_release bigint REFERENCES release,
        applied_bundle bytea,
        applied_policy bytea,
        attempted_bundle bytea,
        attempted_policy bytea,
        applied_at timestamptz,
        phase text,
        health text,
        health_at timestamptz,
        healthy_for_ms bigint NOT NULL DEFAULT 0,
        loss_count int NOT NULL DEFAULT 0,
        failed_fast boolean NOT NULL DEFAULT false,
        objects int NOT NULL DEFAULT 0,
        objects_ready int NOT NULL DEFAULT 0,
        drifted int NOT NULL DEFAULT 0,
        writes bigint NOT NULL DEFAULT 0,
        problems jsonb NOT NULL DEFAULT '[]',
        drifts jsonb NOT NULL DEFAULT '[]',
        deletion_set bytea,
        deletions jsonb NOT NULL DEFAULT '[]',
        report_digest bytea,
        reported_at timestamptz,

        PRIMARY KEY (app, cluster)
      ) WITH (fillfactor = 75);
      CREATE INDEX target_cluster ON target (cluster);
      CREATE INDEX target_not_healthy ON target (app, cluster) WHERE health IS DISTINCT FROM 'healthy';
      CREATE INDEX target_asked ON target (cluster) WHERE life = 'asked';
      CREATE TABLE departure (
        app int NOT NULL REFERENCES app,
        cluster int NOT NULL REFERENCES cluster,
        at timestamptz NOT NULL,
        PRIMARY KEY (app, cluster)
      );
      CREATE INDEX departure_at ON departure (at);
      CREATE TABLE target_event (
        id bigint GENERATED ALWAYS AS IDENTITY,
        at timestamptz NOT NULL DEFAULT now(),
        app int NOT NULL,
        cluster int NOT NULL,
        kind text NOT NULL,
        release bigint,
        detail jsonb NOT NULL DEFAULT '{}'
      ) PARTITION BY RANGE (at);
      CREATE TABLE target_event_rest PARTITION OF target_event DEFAULT;
      CREATE INDEX target_event_at ON target_event (at DESC, id DESC);
      CREATE INDEX target_event_app ON target_event (app, at DESC);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE target_event, departure, target');
  }
}
