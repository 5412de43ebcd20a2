export * from './baseline.js';
export * from './diff-object.js';
export * from './ignore-paths.js';
export * from './managed-fields.js';
export * from './split-conflicts.js';
export * from './transfer-ownership.js';
