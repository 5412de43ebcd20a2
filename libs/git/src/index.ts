export * from './check-url.js';
export * from './commit-tree.js';
export * from './git-mirror.js';
export * from './git-repository.js';
export type { CommitInfo } from './parse-object.js';
export * from './read-credentials.js';
