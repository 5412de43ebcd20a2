import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Leadership, generation, and the audit log. */
export class Hub1700000001000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE leader (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        holder uuid,
        address text,
        epoch bigint NOT NULL DEFAULT 0,
        backend_pid int,
        until timestamptz NOT NULL DEFAULT 'epoch',
        elected_at timestamptz
      );
      INSERT INTO leader DEFAULT VALUES;
      CREATE TABLE hub_state (
        one boolean PRIMARY KEY DEFAULT true CHECK (one),
        generation bigint NOT NULL DEFAULT 1,
        mode text NOT NULL DEFAULT 'normal' CHECK (mode IN ('normal', 'timeTravel')),
        mode_reason text,
        mode_since timestamptz
      );
      INSERT INTO hub_state DEFAULT VALUES;
      CREATE TABLE audit (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        actor text NOT NULL,
        action text NOT NULL,
        subject text NOT NULL,
        outcome text NOT NULL CHECK (outcome IN ('done', 'refused')),
        reason text NOT NULL DEFAULT '',
        request_id text,
        detail jsonb NOT NULL DEFAULT '{}'
      );
      CREATE INDEX audit_at ON audit (at DESC, id DESC);
      CREATE INDEX audit_request ON audit (request_id) WHERE request_id IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE audit, hub_state, leader');
  }
}
