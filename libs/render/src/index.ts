export * from './find-kustomize.js';
export * from './manifest-reader.js';
export * from './render-kustomize.js';
