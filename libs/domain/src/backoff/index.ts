export * from './full-jitter.js';
