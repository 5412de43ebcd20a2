import { Module } from '@nestjs/common';
import { DriftHistoryRepository } from './drift-history.repository.js';
import { ReportRepository } from './report.repository.js';
import { ReportsService } from './reports.service.js';

/** Takes in and keeps what agents observed. */
@Module({ providers: [DriftHistoryRepository, ReportRepository, ReportsService], exports: [ReportsService] })
export class ReportsModule {}
