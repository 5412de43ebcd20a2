export * from './http.module.js';
