export * from './delivery.module.js';
export { DeliveryStrategy } from './delivery.strategy.js';
export { SessionRegistry } from './session-registry.service.js';
export type { SessionView } from './session-registry.service.js';
