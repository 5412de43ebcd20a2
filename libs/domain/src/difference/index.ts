export * from './diff-fields.js';
export * from './diff-fleets.js';
export * from './diff-objects.js';
export * from './join-differences.js';
export * from './trace-value.js';
export * from './walk-differences.js';
