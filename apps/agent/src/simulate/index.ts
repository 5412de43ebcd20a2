export * from './instant-reconciler.js';
export * from './simulated-agent.js';
