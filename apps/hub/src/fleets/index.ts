export * from './fleets.module.js';
