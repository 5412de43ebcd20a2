import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Sources, definitions, problems, content by digest, apps, releases with their parts. */
export class Fleets1700000003000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE source (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE,
        role text NOT NULL CHECK (role IN ('fleet', 'content')),
        url text NOT NULL,
        ref text NOT NULL,
        interval_ms int NOT NULL,
        commit text,
        author text NOT NULL DEFAULT '',
        subject text NOT NULL DEFAULT '',
        committed_at timestamptz,
        moved_at timestamptz,
        checked_at timestamptz,
        failing_since timestamptz,
        failure text NOT NULL DEFAULT '',
        definition jsonb NOT NULL DEFAULT '{}'
      );
      CREATE TABLE fleet_revision (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        commit text NOT NULL,
        parsed_at timestamptz NOT NULL DEFAULT now(),
        problems int NOT NULL,
        frozen_because text NOT NULL DEFAULT ''
      );
      CREATE TABLE snapshot (
        number bigint PRIMARY KEY,
        revision bigint NOT NULL REFERENCES fleet_revision,
        sources jsonb NOT NULL,
        taken_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE definition (
        kind text NOT NULL,
        name text NOT NULL,
        body jsonb NOT NULL,
        digest bytea NOT NULL,
        file text NOT NULL,
        line int NOT NULL,
        revision bigint NOT NULL REFERENCES fleet_revision,
        frozen_since timestamptz,
        frozen_because text NOT NULL DEFAULT '',
        PRIMARY KEY (kind, name)
      );
      CREATE TABLE problem (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        key bytea NOT NULL UNIQUE,
        origin text NOT NULL CHECK (origin IN ('definition', 'match', 'render', 'source')),
        code text NOT NULL,
        severity text NOT NULL CHECK (severity IN ('error', 'warning')),
        subject_kind text NOT NULL,
        subject_name text NOT NULL,
        source text NOT NULL,
        commit text NOT NULL,
        file text NOT NULL,
        line int NOT NULL,
        "column" int NOT NULL,
        field text NOT NULL,
        message text NOT NULL,
        hint text NOT NULL,
        clusters text[] NOT NULL DEFAULT '{}',
        since timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE object_content (
        id bytea PRIMARY KEY,
        secret boolean NOT NULL,
        body bytea NOT NULL,
        bytes int NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE bundle (
        digest bytea PRIMARY KEY,
        entries jsonb NOT NULL,
        objects int NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE policy (
        digest bytea PRIMARY KEY,
        body jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE app (
        id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        name text NOT NULL UNIQUE,
        life text NOT NULL DEFAULT 'active' CHECK (life IN ('active', 'leaving', 'gone')),
        leaving_since timestamptz,
        namespace text NOT NULL DEFAULT '',
        project text NOT NULL DEFAULT 'default',
        strategy text NOT NULL DEFAULT '',
        last_number int NOT NULL DEFAULT 0,
        newest_release bigint,
        frozen_since timestamptz,
        frozen_because text NOT NULL DEFAULT '',
        inputs bytea,
        good_commit text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE TABLE release (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        app int NOT NULL REFERENCES app,
        number int NOT NULL,
        snapshot bigint NOT NULL REFERENCES snapshot,
        source text NOT NULL,
        commit text NOT NULL,
        author text NOT NULL,
        subject text NOT NULL,
        committed_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (app, number)
      );
      CREATE TABLE release_part (
        release bigint NOT NULL REFERENCES release,
        bundle bytea NOT NULL REFERENCES bundle,
        policy bytea NOT NULL REFERENCES policy,
        cluster_ids int[] NOT NULL,
        PRIMARY KEY (release, bundle, policy)
      );
      ALTER TABLE app ADD FOREIGN KEY (newest_release) REFERENCES release;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE app DROP COLUMN newest_release');
    await runner.query('DROP TABLE release_part, release, app, policy, bundle, object_content');
    await runner.query('DROP TABLE problem, definition, snapshot, fleet_revision, source');
  }
}
