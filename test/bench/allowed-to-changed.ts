import { join } from 'node:path';
import pg from 'pg';
import { startControlPlane } from '@flotilla/testing';
import type { ControlPlane } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import type { TargetItem } from '../support/hub-api.js';
import { World } from '../support/world.js';
import type { Bench, Measure } from './harness.js';
import { measure } from './harness.js';
import type { ObjectWatch } from './watch-object.js';
import { watchObject } from './watch-object.js';

const WARM_UP = 5;
const RUNS = 40;
const SIZES = [
  { agents: 1, changedBar: 15, statusBar: 30 },
  { agents: 5, changedBar: 60, statusBar: undefined },
] as const;
const STRATEGY =
  'kind: RolloutStrategy\nmetadata: {name: at-once}\nspec: {waves: [{name: all, maxConcurrent: 100%}]}\n';
// Each agent has a namespace of its own: all work on the one API server.
const APP = '{targets: [{all: true}], createNamespace: true, namespace: "${cluster.name}", strategy: at-once}';

/** An assignment is saved in Postgres → the object has changed on a real API server → its status is in the API of the hub. */
export const allowedToChanged: Bench = async (say) => {
  const results: Measure[] = [];
  for (const size of SIZES) results.push(...(await agentsAtOnce(size)));
  say('done');
  return results;
};

async function agentsAtOnce({ agents, changedBar, statusBar }: (typeof SIZES)[number]): Promise<Measure[]> {
  const names = Array.from({ length: agents }, (_, i) => `real-${i}`);
  await using plane = await startControlPlane();
  await using world = await World.start({
    files: { 'fleet/at-once.yaml': STRATEGY, ...configApp('settings', { ROUND: '0' }, APP) },
    hub: { FLOTILLA_HEARTBEAT: '10s' },
  });
  for (const name of names) await join1(world, plane, name);
  await world.healthy('settings', undefined, { targets: agents });
  await using allowed = await AllowedWatch.start(world.databaseUrl);
  const watches = await Promise.all(
    names.map((name) => watchObject(plane, `/api/v1/namespaces/${name}/configmaps`, 'settings')),
  );
  const [changed, status]: [number[], number[]] = [[], []];
  for (let round = 1; round <= WARM_UP + RUNS; round++) {
    const run = await oneRound(world, { allowed, watches, names, round });
    if (round <= WARM_UP) continue;
    changed.push(run.changed);
    status.push(run.status);
  }
  for (const watch of watches) await watch[Symbol.asyncDispose]();
  const which = agents === 1 ? '1 agent' : `the last of ${agents} agents at once`;
  return [
    measure(`allowed → object changed, ${which}`, 'ms', changed, { max: changedBar, of: 'median' }),
    measure(
      `allowed → status back in the API, ${which}`,
      'ms',
      status,
      statusBar === undefined ? undefined : { max: statusBar, of: 'median' },
    ),
  ];
}

async function join1(world: World, plane: ControlPlane, name: string): Promise<void> {
  await plane.writeKubeconfig(join(world.folder, `${name}.kubeconfig`));
  await world.joinExternal(name, { FLOTILLA_AGENT_NAMESPACE: `flotilla-${name}` });
}

interface RoundOf {
  readonly allowed: AllowedWatch;
  readonly watches: readonly ObjectWatch[];
  readonly names: readonly string[];
  readonly round: number;
}

async function oneRound(
  world: World,
  { allowed, watches, names, round }: RoundOf,
): Promise<Record<'changed' | 'status', number>> {
  await world.git.push(`round ${round}`, { 'settings/config.yaml': configMap('settings', { ROUND: String(round) }) });
  const isNew = (object: unknown): boolean =>
    (object as { data?: Record<string, string> }).data?.['ROUND'] === String(round);
  const [saved, seen] = [allowed.next(), Promise.all(watches.map((watch) => watch.until(isNew)))];
  await world.api.post('/webhooks/fleet');
  const start = await saved;
  const changed = Math.max(...(await seen)) - start;
  while (!(await isReported(world, names, round + 1)));
  const status = performance.now() - start;
  await world.healthy('settings', round + 1);
  return { changed, status };
}

async function isReported(world: World, names: readonly string[], release: number): Promise<boolean> {
  const targets = await world.api.items<TargetItem>('/targets?app=settings');
  return targets.filter((one) => one.appliedRelease === release && one.state === 'healthy').length === names.length;
}

/** Hears of each transaction that allows something, when it commits. */
class AllowedWatch implements AsyncDisposable {
  private constructor(private readonly client: pg.Client) {}

  static async start(url: string): Promise<AllowedWatch> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query(`
      CREATE FUNCTION tell_allowed() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN PERFORM pg_notify('allowed', ''); RETURN NULL; END $$;
      CREATE TRIGGER tell_allowed AFTER UPDATE OF allowed_bundle ON target FOR EACH STATEMENT EXECUTE FUNCTION tell_allowed();
      LISTEN allowed`);
    return new AllowedWatch(client);
  }

  /** `performance.now()` at the next one. */
  next(): Promise<number> {
    return new Promise((resolve) => this.client.once('notification', () => resolve(performance.now())));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end();
  }
}
