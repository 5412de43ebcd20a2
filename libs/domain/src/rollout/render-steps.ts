import type { RolloutFacts } from './facts.js';
import type { Folded } from './fold-acts.js';
import type { RolloutMemory } from './memory.js';
import { noteFailures } from './note-evidence.js';
import type { PlannedWave } from './plan-wave.js';
import { isOverBudget } from './plan-wave.js';
import type { PlannedAssignment, RolloutStep } from './rollout-plan.js';

/** What a plan made of the facts. */
export interface Happening {
  readonly folded: Folded;
  readonly waves: readonly PlannedWave[];
  readonly rollbacks: readonly PlannedAssignment[];
  readonly memory: RolloutMemory;
  readonly facts: RolloutFacts;
}

/** What happened in a plan, for history: in the order in which people would tell it. */
export function renderSteps({ folded, waves, rollbacks, memory, facts }: Happening): RolloutStep[] {
  const before = facts.memory?.releaseId === facts.release.id ? facts.memory : undefined;
  return [
    ...beginnings(facts, before, memory),
    ...folded.taken.map((act) => ({ kind: 'acted' as const, message: `${act.kind} by ${act.actor}: ${act.reason}` })),
    ...noteFailures(waves).map(({ clusterId, wave, message }) => ({
      kind: 'failed' as const,
      wave,
      clusterId,
      message,
    })),
    ...heldSteps(before, memory),
    ...rollbacks.map(({ clusterId }) => ({
      kind: 'returned' as const,
      clusterId,
      message:
        memory.rollback?.toReleaseId === undefined ? 'to what was proven on it' : 'to the release that was named',
    })),
    ...waves.flatMap(({ steps }) => steps),
    ...endings(waves, before, memory),
  ];
}

function beginnings(facts: RolloutFacts, before: RolloutMemory | undefined, memory: RolloutMemory): RolloutStep[] {
  if (before === undefined) return [{ kind: 'started', message: `release ${facts.release.number}` }];
  return memory.startedAt === before.startedAt ? [] : [{ kind: 'startedOver', message: 'from the first wave' }];
}

function endings(
  waves: readonly PlannedWave[],
  before: RolloutMemory | undefined,
  { doneAt, haltedAt }: RolloutMemory,
): RolloutStep[] {
  if (doneAt !== undefined && before?.doneAt === undefined) return [{ kind: 'done', message: '' }];
  const wave = waves.find((each) => isOverBudget(each));
  if (wave === undefined || haltedAt === undefined || before?.haltedAt !== undefined) return [];
  const message = `at ${wave.name}: ${wave.counts.failed} failed, budget ${wave.maxFailures}`;
  return [{ kind: 'halted', wave: wave.name, message }];
}

function heldSteps(before: RolloutMemory | undefined, { hold }: RolloutMemory): RolloutStep[] {
  return hold === undefined || hold.at === before?.hold?.at ? [] : [{ kind: 'held', message: hold.reason }];
}
