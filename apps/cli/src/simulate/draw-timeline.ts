import type { SimulatedRollout, SimulatedStep, WavePlan } from '@flotilla/domain';
import { printDuration } from '@flotilla/domain';
import { clean, printTable } from '../output/table.js';
import { printCount } from '../output/words.js';

const WIDTH = 40;

/** What happened when, a line per wave with its span, and how it ended. */
export function drawTimeline(simulated: SimulatedRollout, startsAt: number): string {
  const { steps, plan, endedAt } = simulated;
  const happened = printTable(linesOf(steps, startsAt), [
    { title: 'TIME', of: ({ time }) => time },
    { title: 'WAVE', of: ({ wave }) => wave },
    { title: 'WHAT', of: ({ what }) => what },
  ]);
  const span = Math.max(1, endedAt - startsAt);
  const waves = printTable(
    plan.waves.filter(({ phase }) => phase !== 'empty'),
    [
      { title: 'WAVE', of: ({ name }) => name },
      { title: 'STATE', of: ({ phase }) => phase },
      { title: 'TARGETS', of: ({ targets }) => String(targets) },
      { title: 'HEALTHY', of: ({ counts }) => String(counts.healthy) },
      { title: 'FAILED', of: ({ counts }) => String(counts.failed) },
      { title: 'SPAN', of: (wave) => spanOf(wave, { startsAt, span, endedAt }) },
    ],
  );
  return `${happened}\n\n${waves}\n\n${endOf(simulated, startsAt)}`;
}

interface Line {
  readonly time: string;
  readonly wave: string;
  readonly what: string;
}

/** One line per moment, wave and kind of step. */
function linesOf(steps: readonly SimulatedStep[], startsAt: number): Line[] {
  const groups = new Map<string, SimulatedStep[]>();
  for (const step of steps) {
    const key = `${step.at} ${step.wave ?? ''} ${step.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      { time: printDuration(first.at - startsAt), wave: first.wave ?? '', what: clean(WORDS[first.kind](group)) },
    ];
  });
}

const said = ([first]: readonly SimulatedStep[]): string => first?.message ?? '';

const WORDS: Readonly<Record<SimulatedStep['kind'], (steps: readonly SimulatedStep[]) => string>> = {
  started: () => 'the release starts',
  startedOver: () => 'starts over',
  waveStarted: (steps) => `begins: ${said(steps)}`,
  waveDone: (steps) => `done: ${said(steps)}`,
  assigned: (steps) => `allowed on ${clustersOf(steps)}`,
  failed: (steps) => `FAILED on ${clustersOf(steps)}: ${said(steps)}`,
  returned: (steps) => `returns on ${clustersOf(steps)} ${said(steps)}`,
  held: (steps) => `held: ${said(steps)}`,
  halted: (steps) => `HALTED ${said(steps)}`,
  acted: said,
  done: () => 'the rollout is done',
};

const NAMED = 3;

function clustersOf(steps: readonly SimulatedStep[]): string {
  const names = steps.flatMap(({ cluster }) => (cluster === undefined ? [] : [cluster]));
  if (names.length <= NAMED) return names.join(', ');
  return `${printCount(names.length, 'cluster')}: ${names[0] ?? ''} … ${names.at(-1) ?? ''}`;
}

interface Frame {
  readonly startsAt: number;
  readonly span: number;
  readonly endedAt: number;
}

/** `|   =====     |`, from its start to its end. */
function spanOf({ startedAt, finishedAt }: WavePlan, { startsAt, span, endedAt }: Frame): string {
  if (startedAt === undefined) return `|${' '.repeat(WIDTH)}|`;
  const column = (at: number): number => Math.round(((at - startsAt) / span) * WIDTH);
  const from = Math.min(WIDTH - 1, column(startedAt));
  const to = Math.max(from + 1, column(finishedAt ?? endedAt));
  return `|${' '.repeat(from)}${'='.repeat(to - from)}${' '.repeat(WIDTH - to)}|`;
}

function endOf({ plan, endedAt }: SimulatedRollout, startsAt: number): string {
  const after = `after ${printDuration(endedAt - startsAt)}`;
  if (plan.rolloutState === 'done') return `done ${after}`;
  const [block] = plan.blockedBy;
  const why = block === undefined ? '' : `: ${block.kind}, ${block.who}; what helps: ${block.unblocks}`;
  return clean(`${plan.rolloutState} ${after}${why}`);
}
