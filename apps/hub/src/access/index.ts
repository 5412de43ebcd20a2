export * from './access.module.js';
export { AuditRepository } from './audit.repository.js';
export type { AuditEntry } from './audit.repository.js';
export { Needs, Public, SignedWebhook } from './needs.decorator.js';
export { Caller } from './roles.guard.js';
export { TokensService } from './tokens.service.js';
export type { Identity } from './tokens.service.js';
