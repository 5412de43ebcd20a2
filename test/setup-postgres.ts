import { setupTestPostgres } from '../libs/testing/src/postgres/index.js';

/** One Postgres for all files of the run. */
export default setupTestPostgres;
