import type { Block, RolloutMemory, RolloutState, StrategyDefinition, WavePlan } from '@flotilla/domain';

/** State of a stored rollout: the planner's, or replaced by a newer release. */
export type StoredState = RolloutState | 'superseded';

/** The newest rollout of an app as the planner needs it. */
export interface RolloutRow {
  readonly id: string;
  readonly releaseId: number;
  readonly state: StoredState;
  readonly strategy: StrategyDefinition;
  readonly memory: RolloutMemory;
  readonly waves: readonly WavePlan[];
  readonly blockedBy: readonly Block[];
}
