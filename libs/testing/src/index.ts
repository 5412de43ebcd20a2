export * from './postgres/index.js';
export * from './control-plane/index.js';
export * from './cluster-api/index.js';
export * from './processes/index.js';
export * from './waiting/index.js';
