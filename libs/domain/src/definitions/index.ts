export * from './cluster-choice.js';
export * from './definition.js';
export * from './policy-of.js';
