import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Clusters, their identity, and the hub's own certificate authority. */
export class Clusters1700000002000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE cluster (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        uid uuid NOT NULL UNIQUE DEFAULT gen_random_uuid(),
        name text NOT NULL,
        state text NOT NULL DEFAULT 'joining'
          CHECK (state IN ('joining', 'joined', 'quarantined', 'rejoin', 'removing', 'removed')),
        state_reason text NOT NULL DEFAULT '',
        join_labels jsonb NOT NULL DEFAULT '{}',
        labels jsonb NOT NULL DEFAULT '{}',
        "values" jsonb NOT NULL DEFAULT '{}',
        facts jsonb NOT NULL DEFAULT '{}',
        kube_uid text,
        agent_version text,
        session_id text,
        session_at timestamptz,
        last_seen_at timestamptz,
        desired_number bigint NOT NULL DEFAULT 0,
        held_generation bigint NOT NULL DEFAULT 0,
        held_number bigint NOT NULL DEFAULT 0,
        rejected jsonb,
        suspended_until timestamptz,
        suspended_reason text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now(),
        joined_at timestamptz,
        removed_at timestamptz
      );
      CREATE UNIQUE INDEX cluster_name ON cluster (name) WHERE state <> 'removed';
      CREATE TABLE certificate (
        serial text PRIMARY KEY,
        cluster int NOT NULL REFERENCES cluster,
        state text NOT NULL CHECK (state IN ('next', 'present', 'superseded', 'revoked')),
        public_key_hash bytea NOT NULL,
        not_after timestamptz NOT NULL,
        issued_at timestamptz NOT NULL DEFAULT now(),
        used_at timestamptz
      );
      CREATE INDEX certificate_cluster ON certificate (cluster);
      CREATE UNIQUE INDEX certificate_one ON certificate (cluster, state) WHERE state IN ('next', 'present');
      CREATE TABLE join_token (
        id text PRIMARY KEY,
        cluster_name text NOT NULL,
        labels jsonb NOT NULL DEFAULT '{}',
        secret_hash bytea NOT NULL,
        purpose text NOT NULL DEFAULT 'join' CHECK (purpose IN ('join', 'rejoin')),
        cluster int REFERENCES cluster,
        key_hash bytea,
        created_by text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz
      );
      CREATE TABLE authority (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        state text NOT NULL CHECK (state IN ('present', 'next', 'retired')),
        certificate bytea NOT NULL,
        sealed_key bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE UNIQUE INDEX authority_one ON authority (state) WHERE state IN ('present', 'next');
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE authority, join_token, certificate, cluster');
  }
}
