export * from './sources.module.js';
