export * from './version.js';
export * from './desired-state.js';
