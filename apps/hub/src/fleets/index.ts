export type { Cause, Failing } from './causes.service.js';
export { CausesService } from './causes.service.js';
export { ContentRepository } from './content.repository.js';
export type { PolicyText } from './content.repository.js';
export * from './fleets.module.js';
export { FleetsService } from './fleets.service.js';
export type { AppDifference, LiveDifference, NamedDifference, ReleaseDifference } from './differences.service.js';
export { DifferencesService } from './differences.service.js';
export type { StoredRelease } from './release-history.repository.js';
