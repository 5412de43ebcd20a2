export * from './policy.js';
export * from './policy-digest.js';
