import type { RolloutAct, RolloutFacts } from './facts.js';
import type { Note, RolloutMemory, TargetMemory } from './memory.js';
import { startMemory } from './memory.js';

/** A memory with acts taken in, and the targets that are to be tried again. */
export interface Folded {
  readonly memory: RolloutMemory;
  readonly retries: readonly number[];
  readonly taken: readonly RolloutAct[];
}

/** Takes in, in order, each act that the memory has not seen. Whether an act applied was judged when it was stored. */
export function foldActs(memory: RolloutMemory, facts: Pick<RolloutFacts, 'acts'>): Folded {
  const taken = facts.acts.filter((act) => act.id > memory.lastAct).sort((a, b) => a.id - b.id);
  const retries = new Set<number>();
  let folded = memory;
  for (const act of taken) {
    if (act.kind === 'retry') for (const id of failedTargets(folded, act)) retries.add(id);
    folded = { ...foldAct(folded, act), lastAct: act.id };
  }
  return { memory: folded, retries: [...retries].sort((a, b) => a - b), taken };
}

const note = ({ actor, reason, at }: RolloutAct): Note => ({ actor, reason, at });

function foldAct(memory: RolloutMemory, act: RolloutAct): RolloutMemory {
  switch (act.kind) {
    case 'pause':
      return { ...memory, paused: note(act) };
    case 'resume':
      return without(memory, 'paused');
    case 'hold':
      return { ...memory, hold: note(act) };
    case 'abort':
      return { ...memory, aborted: note(act), hold: note(act) };
    case 'clear':
      return startOver(memory, act.at);
    case 'rollback':
      return { ...memory, hold: note(act), rollback: rollbackOf(memory, act) };
    case 'retry':
      return retryTargets(memory, act);
    case 'skip':
      return act.clusterId === undefined ? memory : changeTarget(memory, act.clusterId, { skipped: note(act) });
    default:
      return foldPermission(memory, act);
  }
}

function foldPermission(memory: RolloutMemory, act: RolloutAct): RolloutMemory {
  const wave = act.wave ?? '';
  switch (act.kind) {
    case 'approve':
      return { ...memory, approvals: { ...memory.approvals, [wave]: note(act) } };
    case 'promote':
      return { ...memory, promoted: { ...memory.promoted, [wave]: note(act) } };
    case 'overrideWindow':
      return { ...memory, windowOverrides: { ...memory.windowOverrides, [wave]: note(act) } };
    case 'approveDeletion':
      return {
        ...memory,
        approvedDeletions: [...new Set([...memory.approvedDeletions, act.deletionSet ?? ''])].sort(),
      };
    default:
      return memory;
  }
}

function rollbackOf(memory: RolloutMemory, act: RolloutAct): NonNullable<RolloutMemory['rollback']> {
  const waves = memory.waves.map((wave) => wave.name);
  return { ...note(act), waves, ...(act.toReleaseId === undefined ? {} : { toReleaseId: act.toReleaseId }) };
}

/** The same release from its first wave on: nothing of the earlier attempt counts, a pause stays. */
export function startOver(memory: RolloutMemory, now: number): RolloutMemory {
  const fresh = { ...startMemory(memory.releaseId, now), lastAct: memory.lastAct, lookedAt: memory.lookedAt };
  const { observedMs, approvedDeletions, waysBack } = memory;
  const kept = { ...fresh, observedMs, approvedDeletions, waysBack };
  return memory.paused === undefined ? kept : { ...kept, paused: memory.paused };
}

function failedTargets(memory: RolloutMemory, act: RolloutAct): number[] {
  const inWave = memory.waves.filter((wave) => act.wave === undefined || wave.name === act.wave);
  const members = new Set(inWave.flatMap((wave) => wave.targets));
  return Object.entries(memory.targets)
    .filter(([, target]) => target.failed !== undefined)
    .map(([id]) => Number(id))
    .filter((id) => members.has(id) && (act.clusterId === undefined || act.clusterId === id));
}

function retryTargets(memory: RolloutMemory, act: RolloutAct): RolloutMemory {
  const targets = { ...memory.targets };
  for (const id of failedTargets(memory, act)) targets[id] = { clock: { bankedMs: 0 } };
  return { ...memory, targets };
}

function changeTarget(memory: RolloutMemory, id: number, change: TargetMemory): RolloutMemory {
  return { ...memory, targets: { ...memory.targets, [id]: { ...memory.targets[id], ...change } } };
}

function without<K extends 'paused'>(memory: RolloutMemory, key: K): RolloutMemory {
  const copy: { -readonly [P in keyof RolloutMemory]: RolloutMemory[P] } = { ...memory };
  delete copy[key];
  return copy;
}
