export * from './find-kustomize.js';
export * from './render-kustomize.js';
