export * from './identity.js';
export * from './inventories.js';
export * from './kube-secrets.js';
export * from './kube-types.js';
export * from './lease.js';
export * from './memory-records.js';
export type * from './records.port.js';
export * from './secret-identity.js';
export * from './secret-records.js';
