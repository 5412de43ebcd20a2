export * from './assess-health.js';
export { runChecks } from './run-checks.js';
export { waitingReasons } from './kinds/pod.js';
export { SETTLE_MS } from './kinds/custom-resource.js';
export type { HealthVerdict, Condition } from './verdict.js';
export { NOT_OBSERVED, conditionsOf, findCondition } from './verdict.js';
export * from './explain-pods.js';
export * from './members.js';
