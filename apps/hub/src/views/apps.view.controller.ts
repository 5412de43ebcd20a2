import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Fault } from '@flotilla/domain';
import { IsOptional, IsString } from 'class-validator';
import { Page, PageQuery, cursorOf, pageOf } from '../web/index.js';
import { AppsViewRepository } from './apps.view.repository.js';
import type { Counts } from './counts.js';
import { COUNTS_SCHEMA } from './counts.js';
import { SelectClustersRepository } from './select-clusters.repository.js';

export class ReleaseSummaryDto {
  @ApiProperty() number!: number;
  @ApiProperty() commit!: string;
  @ApiProperty() author!: string;
  @ApiProperty({ description: 'First line of the commit message.' }) subject!: string;
  @ApiProperty({ format: 'date-time' }) committedAt!: string;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
}

export class RolloutSummaryDto {
  @ApiProperty({ description: 'Number of the release it moves to.' }) release!: number;
  @ApiProperty({ enum: ['running', 'paused', 'halted', 'rolledBack', 'done', 'superseded', 'aborted'] }) state!: string;
  @ApiProperty({ format: 'date-time' }) startedAt!: string;
}

export class AppDto {
  @ApiProperty() name!: string;
  @ApiProperty({ enum: ['active', 'leaving'] }) life!: string;
  @ApiProperty() namespace!: string;
  @ApiProperty() project!: string;
  @ApiProperty({ description: 'Name of its rollout strategy; empty: the default.' }) strategy!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) frozenSince!: Date | null;
  @ApiProperty({ description: 'Why the last good definition stays in force.' }) frozenBecause!: string;
  @ApiProperty({ type: ReleaseSummaryDto, nullable: true }) release!: ReleaseSummaryDto | null;
  @ApiProperty({ type: RolloutSummaryDto, nullable: true, description: 'The newest rollout.' })
  rollout!: RolloutSummaryDto | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When a report about it last changed.',
  })
  lastReportAt!: Date | null;
  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'When the target that was confirmed longest ago was confirmed, by a report or a heartbeat.',
  })
  observedAt!: Date | null;
  @ApiProperty(COUNTS_SCHEMA) targets!: Counts;
}

export class AppPageDto extends Page(AppDto) {}

export class AppQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only apps, and only targets, on clusters with these labels.' })
  @IsOptional()
  @IsString()
  selector?: string;
}

@ApiTags('apps')
@ApiBearerAuth()
@Controller('api/v1/apps')
export class AppsViewController {
  constructor(
    @Inject(AppsViewRepository) private readonly apps: AppsViewRepository,
    @Inject(SelectClustersRepository) private readonly select: SelectClustersRepository,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listApps', summary: 'Apps with their newest release and the states of their targets' })
  @ApiResponse({ status: 200, type: AppPageDto })
  async list(@Query() query: AppQuery): Promise<AppPageDto> {
    const clusterIds = await this.select.ids(query.selector);
    const filter = { names: undefined, clusterIds, afterName: cursorOf(query.after), limit: query.limit + 1 };
    return pageOf(await this.apps.list(filter), query.limit, ({ name }) => name);
  }

  @Get(':app')
  @ApiOperation({ operationId: 'getApp', summary: 'One app' })
  @ApiResponse({ status: 200, type: AppDto })
  async get(@Param('app') name: string): Promise<AppDto> {
    const [found] = await this.apps.list({ names: [name], clusterIds: undefined, afterName: undefined, limit: 1 });
    if (!found) throw new Fault('notFound', `there is no app ${name}`, 'flotilla get apps');
    return found;
  }
}
