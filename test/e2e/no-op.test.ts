import { describe, expect, it } from 'vitest';
import type { ClusterApi } from '@flotilla/testing';
import { query, read, until } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import type { Changes } from '../support/git-repository.js';
import { World } from '../support/world.js';

/** Longer than the agent puts off what can wait. */
const CLUSTER_QUIET_MS = 6_000;
const QUIET_MS = 1_000;
/** Rows that a flush of what was last seen may add; eighteen apps more would add more. */
const SLACK = 3;

/** Counts each row that is inserted, updated or deleted, at once; the leader's own row is its heartbeat. */
const COUNT_ROWS = `
  CREATE SEQUENCE rows_written;
  CREATE FUNCTION count_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM nextval('rows_written'); RETURN NULL; END $$;
  DO $$ DECLARE name regclass; BEGIN
    FOR name IN SELECT oid::regclass FROM pg_class
      WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace AND relname <> 'leader'
    LOOP
      EXECUTE format('CREATE TRIGGER count_row AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION count_row()', name);
    END LOOP;
  END $$;
`;

const appNames = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `app-${from + index}`);
const filesOf = (names: readonly string[]): Changes =>
  Object.assign({}, ...names.map((name) => configApp(name, { A: '1' }))) as Changes;

async function rowsWritten(world: World): Promise<number> {
  const [row] = await read<{ n: string }>(
    world.databaseUrl,
    'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS n FROM rows_written',
  );
  return Number(row?.n);
}

/** Resolves with the rows written so far when none has been for a while. */
async function whenQuiet(world: World): Promise<number> {
  let [rows, since] = [await rowsWritten(world), performance.now()];
  return until(async () => {
    const now = await rowsWritten(world);
    if (now !== rows) [rows, since] = [now, performance.now()];
    return performance.now() - since > QUIET_MS ? rows : undefined;
  }, 'the database is quiet');
}

async function statesSent(world: World): Promise<number> {
  const metrics = await (await fetch(`${world.api.url}/metrics`)).text();
  return Number(/^flotilla_desired_states_sent_total (\d+)$/m.exec(metrics)?.[1]);
}

interface Cost {
  readonly rows: number;
  readonly sent: number;
  readonly writes: number;
}

function writesIn(api: ClusterApi): number {
  return api.calls.all.filter(({ method, resource }) => method !== 'GET' && resource !== 'leases').length;
}

/** The agent writes down how its apps are, at its leisure: that is no cost of the next commit. */
function untilSilent(api: ClusterApi): Promise<true> {
  let [writes, since] = [writesIn(api), performance.now()];
  return until(async () => {
    const now = writesIn(api);
    if (now !== writes) [writes, since] = [now, performance.now()];
    return performance.now() - since > CLUSTER_QUIET_MS ? true : undefined;
  }, 'the cluster is written no more');
}

async function costOf(world: World, subject: string, changes: Changes): Promise<Cost> {
  const { api } = world.member('eu-1');
  await untilSilent(api);
  const [rows, sent] = [await whenQuiet(world), await statesSent(world)];
  api.calls.clear();
  const commit = await world.push(subject, changes);
  await until(
    async () => ((await world.api.get<{ commit: string }>('/sources/fleet')).commit === commit ? true : undefined),
    'the hub has seen the commit',
  );
  return {
    rows: (await whenQuiet(world)) - rows,
    sent: (await statesSent(world)) - sent,
    writes: writesIn(api),
  };
}

/** The least rows of two commits, for what is flushed once a minute may fall into one; the most of everything else. */
async function costOfTwo(world: World, subject: string, changes: (round: number) => Changes): Promise<Cost> {
  const first = await costOf(world, `${subject} 1`, changes(1));
  const second = await costOf(world, `${subject} 2`, changes(2));
  return {
    rows: Math.min(first.rows, second.rows),
    sent: Math.max(first.sent, second.sent),
    writes: Math.max(first.writes, second.writes),
  };
}

async function costs(world: World, apps: number): Promise<{ beside: Cost; inside: Cost }> {
  const beside = await costOfTwo(world, `beside ${apps}`, (round) => ({ 'README.md': `${apps} apps, ${round}\n` }));
  const inside = await costOfTwo(world, `inside ${apps}`, (round) => ({
    'app-0/config.yaml': `# ${apps} apps, ${round}\n${configMap('app-0', { A: '1' })}`,
  }));
  return { beside, inside };
}

describe('a commit that changes nothing', () => {
  it('costs no payload, no write in any cluster, and as many rows for 20 apps as for 2', async () => {
    await using world = await World.start({ files: filesOf(appNames(0, 2)) });
    await world.join('eu-1');
    await Promise.all(appNames(0, 2).map((name) => world.healthy(name)));
    await query(world.databaseUrl, COUNT_ROWS);
    const few = await costs(world, 2);

    const [rows, sent] = [await rowsWritten(world), await statesSent(world)];
    await world.push('many', filesOf(appNames(2, 20)));
    await Promise.all(appNames(2, 20).map((name) => world.healthy(name)));
    expect(await rowsWritten(world)).toBeGreaterThan(rows);
    expect(await statesSent(world)).toBeGreaterThan(sent);
    const many = await costs(world, 20);

    for (const cost of [few.beside, few.inside, many.beside, many.inside]) {
      expect(cost).toMatchObject({ sent: 0, writes: 0 });
      expect(cost.rows).toBeGreaterThan(0);
      expect(cost.rows).toBeLessThanOrEqual(10);
    }
    expect(many.beside.rows).toBeLessThanOrEqual(few.beside.rows + SLACK);
    expect(many.inside.rows).toBeLessThanOrEqual(few.inside.rows + SLACK);
    expect(await world.app('app-0')).toMatchObject({ release: { number: 1 } });
  });
});
