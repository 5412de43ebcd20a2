export * from './sealer.service.js';
export * from './sealing.module.js';
