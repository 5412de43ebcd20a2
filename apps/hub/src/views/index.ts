export * from './views.module.js';
