export * from './eventually.js';
export * from './until.js';
