export * from './report.js';
export * from './report-digest.js';
export * from './bound-report.js';
