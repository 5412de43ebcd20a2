export { freePort, query, read, startPostgres } from './start-postgres.js';
export type { EmbeddedDatabase, EmbeddedOptions } from './start-postgres.js';
export { setupTestPostgres, testDatabase } from './test-database.js';
export type { TestDatabase } from './test-database.js';
