import { Module } from '@nestjs/common';
import { ReportRepository } from './report.repository.js';
import { ReportsService } from './reports.service.js';

/** Takes in and keeps what agents observed. */
@Module({ providers: [ReportRepository, ReportsService], exports: [ReportsService] })
export class ReportsModule {}
