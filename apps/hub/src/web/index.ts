export * from './act-request.dto.js';
export * from './duration.js';
export * from './paging.js';
export * from './release-number.pipe.js';
export * from './target-state.sql.js';
