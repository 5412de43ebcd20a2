import type { ScriptedBehaviour, SimulatedStep, StrategyDefinition } from '@flotilla/domain';
import { simulateRollout } from '@flotilla/domain';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { eventually } from '@flotilla/testing';
import type { RolloutHub } from './rollout-fleet.fixture.js';
import { RolloutFleet } from './rollout-fleet.fixture.js';
import { anyModel } from './rollout-model.fixture.js';

const STRATEGIES = 20;
const RINGS = ['0', '1', '1', '1', '2', '2', '2', '2', '3', '3'];
const NAMES = RINGS.map((_, index) => `c${String(index).padStart(2, '0')}`);
const LABELS = Object.fromEntries(NAMES.map((name, index) => [name, { ring: RINGS[index] ?? '0' }]));

/** Strategies without windows and soak, and what becomes of each cluster. */
const anyCase = fc.record({
  strategy: anyModel.map(({ spec: { strategy } }): StrategyDefinition => ({
    ...strategy,
    waves: strategy.waves.map((wave) => ({ ...wave, soakMs: 0, windows: [] })),
  })),
  behaviours: fc.array(fc.constantFrom<ScriptedBehaviour>('ready', 'ready', 'ready', 'ready', 'failing', 'away'), {
    minLength: NAMES.length,
    maxLength: NAMES.length,
  }),
});

interface Played {
  readonly story: readonly string[];
  readonly state: string;
}

function simulate(strategy: StrategyDefinition, behaviours: readonly ScriptedBehaviour[]): Played {
  const clusters = NAMES.map((name, index) => {
    return { name, labels: LABELS[name] ?? {}, behaviour: behaviours[index] ?? 'ready', afterMs: 1_000 };
  });
  const rules = { strategy, groups: {}, windows: {}, clusters };
  const { steps, plan } = simulateRollout({
    app: 'web',
    ...rules,
    startsAt: 1_700_000_000_000,
    approvesAfterMs: 1,
    limitMs: 3_600_000,
  });
  return { story: byPlan(steps).flatMap(assignedLast), state: plan.rolloutState };
}

function byPlan(steps: readonly SimulatedStep[]): SimulatedStep[][] {
  return [...new Set(steps.map(({ at }) => at))].map((at) => steps.filter((step) => step.at === at));
}

/** The order in which history is stored: what was assigned comes after what led to it. */
function assignedLast(steps: readonly SimulatedStep[]): string[] {
  const isAssigned = ({ kind }: SimulatedStep): boolean => kind === 'assigned';
  const ordered = [...steps.filter((step) => !isAssigned(step)), ...steps.filter(isAssigned)];
  return ordered.map(({ kind, wave, cluster }) => lineOf(kind, wave, cluster));
}

function lineOf(kind: string, wave: string | undefined, cluster: string | undefined): string {
  return [kind, wave, cluster].filter((word) => word !== undefined).join(' ');
}

/** The driver on Postgres, with agents that report together what their script says, and a person who approves. */
class Player {
  private release = 1;

  constructor(
    private readonly fleet: RolloutFleet,
    private readonly hub: RolloutHub,
  ) {}

  async play(strategy: StrategyDefinition, behaviours: readonly ScriptedBehaviour[]): Promise<Played> {
    await this.fleet.startAnew('before', strategy);
    const is = (behaviour: ScriptedBehaviour) => (name: string) => behaviours[NAMES.indexOf(name)] === behaviour;
    for (const name of NAMES) {
      const id = this.fleet.idOf(name);
      if (is('away')(name)) this.hub.sessions.open.delete(id);
      else this.hub.sessions.open.set(id, { id: `s${id}`, silentForMs: 0 });
    }
    this.release = await this.fleet.release(`r${this.release}`);
    const bundle = `r${this.release - 1}`;
    this.hub.events.emit('partsChanged', { appIds: [1] });
    const reported = new Set<string>();
    for (;;) {
      await this.settle();
      const fresh = (await this.fleet.allowed(bundle)).filter((name) => !reported.has(name));
      for (const name of fresh) reported.add(name);
      await this.fleet.report(this.hub, fresh.filter(is('failing')), {
        health: 'failed',
        failedFast: true,
        silently: true,
      });
      await this.fleet.report(this.hub, fresh.filter(is('ready')), { silently: true });
      this.hub.events.emit('partsChanged', { appIds: [1] });
      if (fresh.length === 0 && !(await this.approve())) break;
    }
    const { lines } = await this.hub.query.history({ app: 'web', release: this.release, limit: 1_000 });
    const story = lines
      .filter(({ kind }) => kind !== 'healthy')
      .flatMap(({ kind, wave, cluster, clusters }) =>
        (kind === 'assigned' ? clusters : [cluster]).map((name) => lineOf(kind, wave, name)),
      );
    return { story, state: (await this.hub.query.current('web')).state };
  }

  private async settle(): Promise<void> {
    await eventually(async () => {
      const plan = await this.hub.acts.plan('web');
      expect([...plan.assignments, ...plan.rollbacks, ...plan.steps]).toEqual([]);
      expect((await this.hub.query.current('web')).release.number).toBe(this.release);
    });
  }

  /** The first wave that only waits for it, as long as nothing has failed beyond a budget: as the simulated person does. */
  private async approve(): Promise<boolean> {
    const { blockedBy } = await this.hub.acts.plan('web');
    if (blockedBy.some(({ kind }) => kind === 'failureBudget')) return false;
    const ripe = blockedBy.find(({ kind, wave }) => {
      return kind === 'approval' && !blockedBy.some((other) => other.kind === 'earlierWave' && other.wave === wave);
    });
    if (ripe?.wave === undefined) return false;
    const wave = ripe.wave.replace(/:first$/, '');
    const request = { actor: 'simulated person', reason: '', requestId: `r${this.release} ${wave}`, wave };
    await this.hub.acts.act('approve', 'web', request);
    return true;
  }
}

it('moves as the simulator says, with varied strategies: the same events in the same order', async () => {
  const cases = fc.sample(anyCase, { numRuns: STRATEGIES, seed: 20 });
  const [first] = cases;
  await using fleet = await RolloutFleet.create({ strategy: first?.strategy ?? never(), clusters: LABELS });
  await using hub = await fleet.startHub();
  await fleet.release('before');
  const player = new Player(fleet, hub);
  const states = new Set<string>();
  for (const { strategy, behaviours } of cases) {
    const played = await player.play(strategy, behaviours);
    expect(played, JSON.stringify({ strategy, behaviours })).toEqual(simulate(strategy, behaviours));
    states.add(played.state);
  }
  expect([...states].sort()).toEqual(['done', 'halted', 'rolledBack', 'running']);
}, 120_000);

function never(): never {
  throw new Error('there are cases');
}
