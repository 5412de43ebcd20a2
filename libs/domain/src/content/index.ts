export * from './digests.js';
export * from './file-tree.js';
