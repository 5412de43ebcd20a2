export { ContentRepository } from './content.repository.js';
export type { PolicyText } from './content.repository.js';
export * from './fleets.module.js';
export { FleetsService } from './fleets.service.js';
