export * from './bytes.js';
export * from './data-source.js';
export * from './database.module.js';
export * from './leader.service.js';
export * from './query-prepared.js';
