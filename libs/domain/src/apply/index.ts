export * from './inventory.js';
export * from './judge-deletions.js';
export * from './order-objects.js';
export * from './plan-apply.js';
export * from './stamp-object.js';
