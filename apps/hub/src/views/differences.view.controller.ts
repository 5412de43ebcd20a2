import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FieldChange, Json } from '@flotilla/domain';
import { printJson } from '@flotilla/domain';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import type { NamedDifference, StoredRelease } from '../fleets/index.js';
import { DifferencesService } from '../fleets/index.js';
import { MAX_NUMBER } from '../web/index.js';
import type { ReleaseSummaryDto } from './apps.view.controller.js';
import type { FieldChangeDto, PartDifferenceDto } from './differences.view.dto.js';
import { AppDifferenceDto, ReleaseDifferenceDto } from './differences.view.dto.js';

export class WithinQuery {
  @ApiPropertyOptional({ description: 'Only this cluster.' }) @IsOptional() @IsString() cluster?: string;
}

export class ReleaseDifferenceQuery extends WithinQuery {
  @ApiProperty({ description: 'Number of a release.' })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_NUMBER)
  from!: number;
  @ApiProperty({ description: 'Number of a release.' })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_NUMBER)
  to!: number;
}

@ApiTags('differences')
@ApiBearerAuth()
@Controller('api/v1/apps/:app/differences')
export class DifferencesViewController {
  constructor(@Inject(DifferencesService) private readonly differences: DifferencesService) {}

  @Get()
  @ApiOperation({
    operationId: 'diffLive',
    summary: 'What is live against what is allowed, by cluster, object and field',
  })
  @ApiResponse({ status: 200, type: AppDifferenceDto })
  async live(@Param('app') app: string, @Query() query: WithinQuery): Promise<AppDifferenceDto> {
    const { items, unobserved } = await this.differences.liveOf(app, query);
    return {
      app,
      items: items.map(({ kind, observedAt, ...rest }) => ({ kind, observedAt, ...printDifference(rest) })),
      unobserved: [...unobserved],
    };
  }

  @Get('releases')
  @ApiOperation({
    operationId: 'diffReleases',
    summary: 'What changes from one release to another, by object and field',
  })
  @ApiResponse({ status: 200, type: ReleaseDifferenceDto })
  async releases(@Param('app') app: string, @Query() query: ReleaseDifferenceQuery): Promise<ReleaseDifferenceDto> {
    const { from, to, cluster } = query;
    const found = await this.differences.betweenReleases({ app, from, to }, { cluster });
    return {
      app,
      from,
      to,
      releases: found.releases.map(printReleaseSummary),
      items: found.items.map(printDifference),
    };
  }
}

function printReleaseSummary(release: StoredRelease): ReleaseSummaryDto {
  const { number, commit, author, subject, committedAt, createdAt } = release;
  return {
    number,
    commit,
    author,
    subject,
    committedAt: committedAt.toISOString(),
    createdAt: createdAt.toISOString(),
  };
}

function printDifference({ clusters, objects, policy }: NamedDifference): PartDifferenceDto {
  return {
    clusters: [...clusters],
    objects: objects.map(({ ref, change, fields }) => ({ ref, change, fields: fields.map(printField) })),
    policy: policy.map(printField),
  };
}

function printField({ field, change, before, after }: FieldChange): FieldChangeDto {
  return { field, change, before: printValue(before), after: printValue(after) };
}

function printValue(value: Json | undefined): string | null {
  return value === undefined ? null : printJson(value);
}
