export * from './reports.module.js';
export type { ReceivedReport } from './received-report.js';
export { ReportsService } from './reports.service.js';
