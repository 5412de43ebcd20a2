export * from './digests.js';
