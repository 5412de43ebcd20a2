export * from './config.module.js';
export * from './config-schema.js';
export * from './hub-config.js';
