export * from './rollouts.module.js';
export { RolloutActs } from './rollout-acts.service.js';
export type { ActRequest, ActResult } from './rollout-acts.service.js';
export { RolloutsQuery } from './rollouts.query.js';
export type {
  FailedTarget,
  HistoryLine,
  RemovalView,
  ReleaseView,
  RolloutSummary,
  RolloutView,
  RolloutTargetView,
  WhyApp,
} from './rollout-view.js';
