export * from './agent-config.js';
export * from './config-schema.js';
