export * from './rollouts.module.js';
