import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import { IsOptional, IsString } from 'class-validator';
import { Page, PageQuery, cursorOf, pageOf } from '../web/index.js';
import { ClustersViewRepository } from './clusters.view.repository.js';
import type { Counts } from './counts.js';
import { COUNTS_SCHEMA } from './counts.js';
import { SelectClustersRepository } from './select-clusters.repository.js';

const LABELS = { type: 'object', additionalProperties: { type: 'string' } } as const;
const TIME = { type: String, format: 'date-time', nullable: true } as const;

export class ClusterDto {
  @ApiProperty() name!: string;
  @ApiProperty({ description: 'connected, unknown (silent), joining, quarantined, rejoin or removing' }) state!: string;
  @ApiProperty() stateReason!: string;
  @ApiProperty(LABELS) labels!: Record<string, string>;
  @ApiProperty({ ...LABELS, description: 'What the agent states of its cluster.' }) facts!: Record<string, string>;
  @ApiProperty({ type: String, nullable: true }) agentVersion!: string | null;
  @ApiProperty(TIME) joinedAt!: Date | null;
  @ApiProperty(TIME) lastSeenAt!: Date | null;
  @ApiProperty({ ...TIME, description: 'When the newest report came.' }) lastReportAt!: Date | null;
  @ApiProperty(TIME) suspendedUntil!: Date | null;
  @ApiProperty({ description: 'Version (generation.number) of the desired state.' }) desiredVersion!: string;
  @ApiProperty({ description: 'Version that the agent accepted last.' }) heldVersion!: string;
  @ApiProperty({
    type: 'object',
    additionalProperties: true,
    nullable: true,
    description: 'The version it refused last, and why.',
  })
  rejected!: JsonObject | null;
  @ApiProperty(COUNTS_SCHEMA) targets!: Counts;
}

export class ClusterPageDto extends Page(ClusterDto) {}

export class ClusterQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Label selector in the syntax of kubectl.' })
  @IsOptional()
  @IsString()
  selector?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() state?: string;
}

@ApiTags('clusters')
@ApiBearerAuth()
@Controller('api/v1/clusters')
export class ClustersViewController {
  constructor(
    @Inject(ClustersViewRepository) private readonly clusters: ClustersViewRepository,
    @Inject(SelectClustersRepository) private readonly select: SelectClustersRepository,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'listClusters', summary: 'Clusters with their state and the age of what is known' })
  @ApiResponse({ status: 200, type: ClusterPageDto })
  async list(@Query() query: ClusterQuery): Promise<ClusterPageDto> {
    const ids = await this.select.ids(query.selector);
    const filter = {
      ids,
      names: undefined,
      state: query.state,
      afterName: cursorOf(query.after),
      limit: query.limit + 1,
    };
    return pageOf(await this.clusters.list(filter), query.limit, ({ name }) => name);
  }

  @Get(':cluster')
  @ApiOperation({ operationId: 'getCluster', summary: 'One cluster' })
  @ApiResponse({ status: 200, type: ClusterDto })
  async get(@Param('cluster') name: string): Promise<ClusterDto> {
    const filter = { ids: undefined, names: [name], state: undefined, afterName: undefined, limit: 1 };
    const [found] = await this.clusters.list(filter);
    if (!found) throw new Fault('notFound', `there is no cluster ${name}`, 'flotilla get clusters');
    return found;
  }
}
