export * from './version.js';
export * from './desired-state.js';
export * from './hash-desired-state.js';
export * from './diff-desired-state.js';
export * from './rejection.js';
