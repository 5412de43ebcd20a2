export * from './events.module.js';
export * from './hub-events.js';
