export * from './cluster-facts.js';
export * from './match-targets.js';
export * from './effective-labels.js';
