export * from './assemble-app.js';
export * from './find-shared-objects.js';
export * from './part.js';
export * from './plan-release.js';
export * from './resolve-targets.js';
