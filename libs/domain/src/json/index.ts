export * from './json.js';
export * from './canonical-json.js';
export * from './exact-integer.js';
