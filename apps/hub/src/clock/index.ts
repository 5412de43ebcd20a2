export * from './clock.module.js';
export * from './steady-clock.js';
