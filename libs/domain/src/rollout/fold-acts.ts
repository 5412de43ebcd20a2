import type { ActKind, RolloutAct, RolloutFacts } from './facts.js';
import type { Note, RolloutMemory } from './memory.js';
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
    folded = { ...FOLDS[act.kind](folded, act), lastAct: act.id };
  }
  return { memory: folded, retries: [...retries].sort((a, b) => a - b), taken };
}

const note = ({ actor, reason, at }: RolloutAct): Note => ({ actor, reason, at });

type Fold = (memory: RolloutMemory, act: RolloutAct) => RolloutMemory;

const nothing: Fold = (memory) => memory;

const FOLDS: Readonly<Record<ActKind, Fold>> = {
  approve: (memory, act) => ({ ...memory, approvals: permit(memory.approvals, act) }),
  promote: (memory, act) => ({ ...memory, promoted: permit(memory.promoted, act) }),
  overrideWindow: (memory, act) => ({ ...memory, windowOverrides: permit(memory.windowOverrides, act) }),
  pause: (memory, act) => ({ ...memory, paused: note(act) }),
  resume: (memory) => unpaused(memory),
  hold: (memory, act) => ({ ...memory, hold: note(act) }),
  abort: (memory, act) => ({ ...memory, aborted: note(act), hold: note(act) }),
  clear: (memory, act) => startOver(memory, act.at),
  rollback: (memory, act) => ({ ...memory, hold: note(act), rollback: rollbackOf(memory, act) }),
  retry: (memory, act) => retryTargets(memory, act),
  skip: (memory, act) => skipTarget(memory, act),
  approveDeletion: (memory, { deletionSet = '' }) => {
    const others = memory.approvedDeletions.filter(({ set }) => set !== deletionSet);
    return { ...memory, approvedDeletions: [...others, { set: deletionSet, usedBy: [] }] };
  },
  approveRemoval: nothing,
  orphanRemoval: nothing,
  cancelRemoval: nothing,
  suspendApp: nothing,
  resumeApp: nothing,
};

function permit(given: Readonly<Record<string, Note>>, act: RolloutAct): Record<string, Note> {
  return { ...given, [act.wave ?? '']: note(act) };
}

function rollbackOf(memory: RolloutMemory, act: RolloutAct): NonNullable<RolloutMemory['rollback']> {
  const waves = memory.waves.map((wave) => wave.name);
  return { ...note(act), waves, ...(act.toReleaseId === undefined ? {} : { toReleaseId: act.toReleaseId }) };
}

/** The same release from its first wave on: nothing of the earlier attempt counts, no approval either; a pause stays, and who was skipped. */
export function startOver(memory: RolloutMemory, now: number): RolloutMemory {
  const fresh = { ...startMemory(memory.releaseId, now, memory.looked), lastAct: memory.lastAct };
  const { observedMs, waysBack, held } = memory;
  const kept = { ...fresh, observedMs, waysBack, held, targets: skippedOf(memory) };
  return memory.paused === undefined ? kept : { ...kept, paused: memory.paused };
}

function skippedOf({ targets }: RolloutMemory): RolloutMemory['targets'] {
  return Object.fromEntries(
    Object.entries(targets).flatMap(([id, { skipped }]) => (skipped === undefined ? [] : [[id, { skipped }]])),
  );
}

function failedTargets(memory: RolloutMemory, act: RolloutAct): number[] {
  const inWave = memory.waves.filter(
    ({ name, base }) => act.wave === undefined || name === act.wave || base === act.wave,
  );
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

function skipTarget(memory: RolloutMemory, act: RolloutAct): RolloutMemory {
  const { clusterId } = act;
  if (clusterId === undefined) return memory;
  const skipped = { ...memory.targets[clusterId], skipped: note(act) };
  return { ...memory, targets: { ...memory.targets, [clusterId]: skipped } };
}

function unpaused(memory: RolloutMemory): RolloutMemory {
  const { paused: _, ...rest } = memory;
  return rest;
}
