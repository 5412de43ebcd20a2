export * from './enrol.js';
export * from './hub-link.js';
export * from './session.js';
export type { Seen } from './receive-desired-state.js';
export * from './keep-identity.js';
