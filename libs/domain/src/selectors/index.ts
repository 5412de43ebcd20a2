export * from './label-syntax.js';
export * from './parse-selector.js';
export * from './selector.js';
