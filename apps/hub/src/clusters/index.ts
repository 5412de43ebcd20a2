export * from './clusters.module.js';
