export * from './check-cluster-names.js';
export * from './cluster-facts.js';
export * from './effective-labels.js';
export * from './match-targets.js';
export * from './resolve-app.js';
