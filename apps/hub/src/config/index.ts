export * from './config.module.js';
export * from './config-schema.js';
export * from './hub-config.js';
export { HUB_VERSION } from './hub-version.js';
