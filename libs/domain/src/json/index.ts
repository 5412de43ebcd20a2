export * from './json.js';
export * from './canonical-json.js';
