import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Fault } from '@flotilla/domain';
import { IsIn, IsOptional, IsString, Matches } from 'class-validator';
import { Page, PageQuery, idCursorOf, durationOf, pageOf } from '../web/index.js';
import { SourcesViewRepository } from './sources.view.repository.js';

const TIME = { type: String, format: 'date-time', nullable: true } as const;

export class SourceDto {
  @ApiProperty() name!: string;
  @ApiProperty({ enum: ['fleet', 'content'] }) role!: string;
  @ApiProperty() url!: string;
  @ApiProperty() ref!: string;
  @ApiProperty({ type: String, nullable: true, description: 'Last good commit.' }) commit!: string | null;
  @ApiProperty() author!: string;
  @ApiProperty() subject!: string;
  @ApiProperty(TIME) committedAt!: Date | null;
  @ApiProperty({ ...TIME, description: 'When the hub first saw that commit.' }) movedAt!: Date | null;
  @ApiProperty({ ...TIME, description: 'When the source last answered.' }) checkedAt!: Date | null;
  @ApiProperty(TIME) failingSince!: Date | null;
  @ApiProperty() failure!: string;
}

export class SourcePageDto extends Page(SourceDto) {}

export class ProblemDto {
  @ApiProperty() id!: string;
  @ApiProperty({ enum: ['definition', 'match', 'render', 'source'] }) origin!: string;
  @ApiProperty() code!: string;
  @ApiProperty({ enum: ['error', 'warning'] }) severity!: string;
  @ApiProperty({ description: 'Kind of what is frozen, e.g. App.' }) subjectKind!: string;
  @ApiProperty() subjectName!: string;
  @ApiProperty() source!: string;
  @ApiProperty() commit!: string;
  @ApiProperty() file!: string;
  @ApiProperty() line!: number;
  @ApiProperty() column!: number;
  @ApiProperty() field!: string;
  @ApiProperty() message!: string;
  @ApiProperty({ description: 'What to do.' }) hint!: string;
  @ApiProperty({ type: [String], description: 'Clusters it concerns; empty: all of its subject.' }) clusters!: string[];
  @ApiProperty({ format: 'date-time' }) since!: Date;
}

export class ProblemPageDto extends Page(ProblemDto) {}

export class ProblemQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Name of an app or other definition.' })
  @IsOptional()
  @IsString()
  subject?: string;
  @ApiPropertyOptional({ enum: ['error', 'warning'] }) @IsOptional() @IsIn(['error', 'warning']) severity?: string;
}

export class EventDto {
  @ApiProperty() id!: string;
  @ApiProperty({ format: 'date-time' }) at!: Date;
  @ApiProperty() app!: string;
  @ApiProperty() cluster!: string;
  @ApiProperty({ description: 'allowed, applied, health, drift, …' }) kind!: string;
  @ApiProperty({ type: Number, nullable: true }) release!: number | null;
  @ApiProperty({ type: 'object', additionalProperties: true }) detail!: Record<string, unknown>;
}

export class EventPageDto extends Page(EventDto) {}

export class EventQuery extends PageQuery {
  @ApiPropertyOptional() @IsOptional() @IsString() app?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() cluster?: string;
  @ApiPropertyOptional({ description: 'For example 1h.' }) @IsOptional() @Matches(/^\d+[smhd]$/) since?: string;
}

@ApiTags('fleet')
@ApiBearerAuth()
@Controller('api/v1')
export class SourcesViewController {
  constructor(@Inject(SourcesViewRepository) private readonly view: SourcesViewRepository) {}

  @Get('sources')
  @ApiOperation({ operationId: 'listSources', summary: 'Git sources with their last good commit' })
  @ApiResponse({ status: 200, type: SourcePageDto })
  async sources(): Promise<SourcePageDto> {
    return { items: await this.view.sources(), next: null };
  }

  @Get('sources/:source')
  @ApiOperation({ operationId: 'getSource', summary: 'One source' })
  @ApiResponse({ status: 200, type: SourceDto })
  async source(@Param('source') name: string): Promise<SourceDto> {
    const [found] = await this.view.sources(name);
    if (!found) throw new Fault('notFound', `there is no source ${name}`, 'flotilla get sources');
    return found;
  }

  @Get('problems')
  @ApiOperation({ operationId: 'listProblems', summary: 'What is wrong in Git, with file, line and what to do' })
  @ApiResponse({ status: 200, type: ProblemPageDto })
  async problems(@Query() query: ProblemQuery): Promise<ProblemPageDto> {
    const filter = {
      subject: query.subject,
      severity: query.severity,
      after: idCursorOf(query.after),
      limit: query.limit + 1,
    };
    return pageOf(await this.view.problems(filter), query.limit, ({ id }) => id);
  }

  @Get('events')
  @ApiOperation({ operationId: 'listEvents', summary: 'What happened to targets, newest first' })
  @ApiResponse({ status: 200, type: EventPageDto })
  async events(@Query() query: EventQuery): Promise<EventPageDto> {
    const sinceMs = query.since === undefined ? undefined : durationOf(query.since);
    const filter = {
      app: query.app,
      cluster: query.cluster,
      sinceMs,
      before: idCursorOf(query.after),
      limit: query.limit + 1,
    };
    return pageOf(await this.view.events(filter), query.limit, ({ id }) => id);
  }
}
