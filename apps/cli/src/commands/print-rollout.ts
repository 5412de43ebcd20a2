import type { Schemas } from '../api/client.js';
import { printAge, printSpan } from '../output/age.js';
import type { Paint } from '../output/paint.js';
import { printTable } from '../output/table.js';
import { printCount, printLoud, printNames } from '../output/words.js';

type Rollout = Schemas['RolloutDto'];

/** `web #4  8d41e07 "web 1.5.0" by ana`. */
export function printRelease({ app, release }: Pick<Rollout, 'app' | 'release'>): string {
  return `${app} #${release.number}  ${release.commit.slice(0, 7)} "${release.subject}" by ${release.author}`;
}

const LOUD: Readonly<Record<string, 'red' | 'yellow' | 'green'>> = {
  halted: 'red',
  rolledBack: 'red',
  aborted: 'red',
  paused: 'yellow',
  done: 'green',
};

function printState(rollout: Rollout, paint: Paint, now: number): string {
  const tone = LOUD[rollout.state];
  const state = tone === 'red' ? printLoud(rollout.state) : rollout.state;
  const where = rollout.wave === null || rollout.state === 'done' ? '' : ` at ${rollout.wave}`;
  const next = rollout.replacedBy === null ? '' : `, replaced by #${rollout.replacedBy}`;
  return `${tone ? paint(tone, state) : state} ${printAge(rollout.changedAt, now)} ago${where}${next}`;
}

function printAllowed(rollout: Rollout): string {
  const others = rollout.allowed
    .filter(({ release }) => release !== rollout.release.number)
    .map(({ release, targets }) => `${targets} on #${release}`);
  const counts = [`${rollout.healthy} healthy on #${rollout.release.number}`, `${rollout.failed} failed`, ...others];
  return `${printCount(rollout.targets, 'target')}: ${counts.join(', ')}`;
}

/** The one screen about a rollout. */
export function printRollout(rollout: Rollout, paint: Paint, now: number): string {
  const head = `${printRelease(rollout)}   ${printState(rollout, paint, now)}   ${printAllowed(rollout)}`;
  const waves = rollout.waves.filter(({ targets }) => targets > 0);
  const table = printTable(waves, [
    { title: 'WAVE', of: ({ name }) => name },
    { title: 'STATE', of: ({ phase }) => phase },
    { title: 'TARGETS', of: ({ targets }) => String(targets) },
    { title: 'HEALTHY', of: ({ counts }) => String(counts['healthy'] ?? 0) },
    { title: 'FAILED', of: ({ counts }) => String(counts['failed'] ?? 0) },
    { title: 'WAITING', of: (wave) => String(waitingIn(wave)) },
    { title: 'SINCE', of: ({ startedAt }) => printAge(startedAt, now) },
    {
      title: 'SOAK',
      of: ({ soakMs, soakedMs }) => (soakMs === 0 ? '-' : `${printSpan(soakedMs)}/${printSpan(soakMs)}`),
    },
    { title: 'BLOCKED BY', of: (wave) => blocksOf(rollout, wave) },
  ]);
  return [head, ...(waves.length === 0 ? [] : [table]), ...leavingLines(rollout)].join('\n');
}

function waitingIn({ targets, counts }: Schemas['WaveDto']): number {
  return targets - (counts['healthy'] ?? 0) - (counts['failed'] ?? 0);
}

/** Of no wave, and about one cluster: it leaves. */
function isOfRemoval({ wave, cluster }: Schemas['BlockDto']): boolean {
  return wave === undefined && cluster !== undefined;
}

/** Targets that leave are in no wave any more. */
function leavingLines({ app, blockedBy }: Rollout): string[] {
  const kinds = new Set(blockedBy.filter(isOfRemoval).map(({ kind }) => kind));
  return [...kinds].map((kind) => {
    const names = blockedBy
      .filter((block) => isOfRemoval(block) && block.kind === kind)
      .map(({ cluster = '' }) => cluster);
    return `${printNames(names, 'cluster')}  leaves, blocked by ${kind}   → flotilla removal list ${app}`;
  });
}

/** In few words; an exhausted budget makes what follows from it superfluous, and nothing keeps a done wave as a whole. */
function blocksOf(rollout: Rollout, { name, phase }: Schemas['WaveDto']): string {
  const blocks = rollout.blockedBy.filter((block) =>
    block.wave === undefined ? phase !== 'done' && !isOfRemoval(block) : block.wave === name,
  );
  const budget = blocks.some(({ kind }) => kind === 'failureBudget');
  const told = blocks.filter(({ kind }) => !budget || (kind !== 'minHealthy' && kind !== 'health'));
  return [...new Set(told.map(blockWords))].join(', ') || '-';
}

function blockWords({ kind, who }: Schemas['BlockDto']): string {
  if (kind === 'earlierWave' || kind === 'failureBudget') return who || kind;
  return kind === 'approval' || who === '' ? kind : `${kind} (${who})`;
}
