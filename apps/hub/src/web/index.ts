export * from './duration.js';
export * from './paging.js';
export * from './target-state.sql.js';
