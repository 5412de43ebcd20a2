export { FLEET_SOURCE } from './followed-source.js';
export type { Refreshed } from './source-follower.js';
export * from './sources.module.js';
export * from './sources.service.js';
