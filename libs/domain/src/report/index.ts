export * from './report.js';
export * from './report-digest.js';
export * from './bound-report.js';
export * from './track-drifts.js';
export * from './suggest-ignores.js';
export * from './summarize-plan.js';
