export * from './app-object.js';
export * from './apply-plan.js';
export * from './inventory.js';
export * from './judge-deletions.js';
export { nameObstacles } from './name-obstacles.js';
export * from './order-objects.js';
export { planApply } from './plan-apply.js';
export * from './stamp-object.js';
export * from './agent-notes.js';
