import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { FleetDefinitions, SimulatedRollout, Simulation, StrategyDefinition } from '@flotilla/domain';
import { foundProblem, parseFleet, simulateRollout } from '@flotilla/domain';
import { CliError, EXIT } from '../exit.js';
import { printProblems } from '../fleet-folder/print-problems.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { drawTimeline } from '../simulate/draw-timeline.js';
import { scriptClusters } from '../simulate/script-clusters.js';
import { parseDuration } from './duration.js';

interface SimulateOptions extends TextOptions {
  readonly file: readonly string[];
  readonly strategy?: string;
  readonly clusters: number;
  readonly size?: readonly string[];
  readonly fail: number;
  readonly away: number;
  readonly in?: string;
  readonly readyAfter: string;
  readonly approveAfter: string;
  readonly limit: string;
}

/** rollout simulate: the hub's planner against scripted clusters, in simulated time. */
export function addSimulateCommand(rollout: Command, { session, answer }: CommandContext): void {
  const simulate = rollout
    .command('simulate')
    .description('How a strategy would move a release, without a hub; exit 1 when it would not end well')
    .requiredOption('--file <file...>', 'files with the strategy and the groups and windows that it names')
    .option('--strategy <name>', 'which strategy, when the files hold several')
    .option('--clusters <n>', 'how many clusters', count, 20)
    .option('--size <wave=n...>', 'clusters of a wave; else 1, 10, 100, … and the last wave what is left')
    .option('--fail <n>', 'clusters on which it fails', count, 0)
    .option('--away <n>', 'clusters that are not connected', count, 0)
    .option('--in <wave>', 'the wave of those; spread over all when left out')
    .option('--ready-after <duration>', 'time a cluster takes to become healthy, or to fail', '1m')
    .option('--approve-after <duration>', 'time a person takes to approve a wave, or never', '5m')
    .option('--limit <duration>', 'simulated time after which it ends anyway', '30d');
  withTextOutput(simulate).action(async (options: SimulateOptions) => {
    const here = session();
    const simulation = await readSimulation(here, options);
    const simulated = simulateRollout(simulation);
    const body = bodyOf(simulated, simulation.startsAt);
    here.out(printAs(body, options.output, () => drawTimeline(simulated, simulation.startsAt)));
    if (body.state !== 'done') answer(EXIT.no);
  });
}

/** As the API prints a rollout: times in RFC 3339, clusters by name. */
function bodyOf({ steps, plan, endedAt }: SimulatedRollout, startsAt: number) {
  const time = (at: number): string => new Date(at).toISOString();
  return {
    state: plan.rolloutState,
    startedAt: time(startsAt),
    endedAt: time(endedAt),
    steps: steps.map(({ at, kind, wave = null, cluster = null, message }) => ({
      at: time(at),
      kind,
      wave,
      cluster,
      message,
    })),
    waves: plan.waves
      .filter(({ phase }) => phase !== 'empty')
      .map(({ name, phase, targets, counts }) => ({ name, phase, targets, counts })),
  };
}

function count(text: string): number {
  if (/^\d{1,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('not a count of clusters');
}

async function readSimulation(session: Session, options: SimulateOptions): Promise<Simulation> {
  const definitions = await readDefinitions(session, options.file);
  const strategy = strategyOf(definitions, options.strategy);
  const names = strategy.waves.map(({ name }) => name);
  const sizes = Object.fromEntries((options.size ?? []).map((text) => sizeOf(text, names)));
  if (options.in !== undefined) known(options.in, names);
  const { groups, windows } = definitions;
  const { clusters, fail, away, readyAfter, approveAfter, limit } = options;
  const script = { count: clusters, sizes, fail, away, in: options.in, readyAfterMs: parseDuration(readyAfter) };
  return {
    app: 'app',
    strategy,
    groups,
    windows,
    clusters: scriptClusters(strategy.waves, groups, script),
    startsAt: Date.now(),
    approvesAfterMs: approveAfter === 'never' ? undefined : parseDuration(approveAfter),
    limitMs: parseDuration(limit),
  };
}

/** Any file may hold definitions here, whatever its name. @throws CliError with every problem on stderr */
async function readDefinitions(session: Session, paths: readonly string[]): Promise<FleetDefinitions> {
  const contents = await Promise.all(paths.map((path) => readFile(path, 'utf8').catch(() => unreadable(path))));
  const nameOf = (index: number): string => `fleet/${index}.yaml`;
  const { definitions, problems } = parseFleet(contents.map((content, index) => ({ path: nameOf(index), content })));
  if (problems.some(({ severity }) => severity === 'error')) {
    const placed = problems.map((problem) => {
      const file = paths.find((_, index) => nameOf(index) === problem.place.file) ?? problem.place.file;
      return foundProblem('definition', { ...problem, place: { ...problem.place, file } });
    });
    session.err(printProblems(placed, '.', 'text'));
    throw new CliError('no', 'the strategy is not right');
  }
  return definitions;
}

function unreadable(path: string): never {
  throw new CliError('usage', `cannot read ${path}`);
}

function strategyOf({ strategies }: FleetDefinitions, wanted: string | undefined): StrategyDefinition {
  const all = Object.values(strategies);
  const found = wanted === undefined && all.length === 1 ? all[0] : all.find(({ name }) => name === wanted);
  if (found !== undefined) return found;
  const names = all.map(({ name }) => name).join(', ');
  if (all.length === 0) throw new CliError('usage', 'there is no RolloutStrategy in the files');
  throw new CliError(
    'usage',
    wanted === undefined ? 'the files hold several strategies' : `no strategy ${wanted}`,
    `--strategy, one of ${names}`,
  );
}

function sizeOf(text: string, names: readonly string[]): [string, number] {
  const [, wave, size] = /^([^=]+)=(\d{1,5})$/.exec(text) ?? [];
  if (wave === undefined || size === undefined) throw new CliError('usage', `"${text}" is not a size such as canary=2`);
  known(wave, names);
  return [wave, Number(size)];
}

function known(wave: string, names: readonly string[]): void {
  if (!names.includes(wave)) throw new CliError('usage', `there is no wave ${wave}`, `one of ${names.join(', ')}`);
}
