export * from './permissions.js';
export * from './plan-rbac.js';
