import { Controller, Get, Inject } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { LeaderService } from '../database/index.js';
import type { Count } from './fleet-counts.repository.js';
import { FleetCountsRepository } from './fleet-counts.repository.js';

export class HubStateDto {
  @ApiProperty({ enum: ['leader', 'standby'] }) role!: 'leader' | 'standby';
  @ApiProperty({ enum: ['normal', 'timeTravel'] }) mode!: string;
  @ApiProperty({ type: String, nullable: true }) reason!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) since!: Date | null;
}

const COUNTS = { type: 'object', additionalProperties: { type: 'integer' } } as const;

export class SummaryDto {
  @ApiProperty({ type: HubStateDto }) hub!: HubStateDto;
  @ApiProperty({ description: 'True when every target is healthy and nothing waits for a person.' }) healthy!: boolean;
  @ApiProperty({ ...COUNTS, description: 'Clusters by state.' }) clusters!: Record<string, number>;
  @ApiProperty({ ...COUNTS, description: 'Targets by state.' }) targets!: Record<string, number>;
  @ApiProperty({ ...COUNTS, description: 'Running rollouts by state.' }) rollouts!: Record<string, number>;
  @ApiProperty({ ...COUNTS, description: 'Problems by severity.' }) problems!: Record<string, number>;
}

@ApiTags('fleet')
@ApiBearerAuth()
@Controller('api/v1/summary')
export class SummaryController {
  constructor(
    @Inject(FleetCountsRepository) private readonly counts: FleetCountsRepository,
    @Inject(LeaderService) private readonly leader: LeaderService,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'getSummary', summary: 'Health of the whole fleet in counts' })
  @ApiResponse({ status: 200, type: SummaryDto })
  async read(): Promise<SummaryDto> {
    const [hub, clusters, targets, rollouts, problems] = await Promise.all([
      this.counts.mode(),
      this.counts.clusters().then(byState),
      this.counts.targets().then(byState),
      this.counts.rollouts().then(byState),
      this.counts.problems().then(byState),
    ]);
    const parts = { clusters, targets, rollouts, problems };
    return {
      hub: { role: this.leader.leading ? 'leader' : 'standby', ...hub },
      healthy: isHealthy(hub.mode, parts),
      ...parts,
    };
  }
}

type Counts = Record<string, number>;

function byState(counts: readonly Count[]): Counts {
  return Object.fromEntries(counts.map(({ state, count }) => [state, count]));
}

function isHealthy(
  mode: string,
  parts: { clusters: Counts; targets: Counts; rollouts: Counts; problems: Counts },
): boolean {
  const only = (counts: Counts, state: string): boolean => Object.keys(counts).every((key) => key === state);
  return (
    mode === 'normal' &&
    only(parts.targets, 'healthy') &&
    only(parts.clusters, 'connected') &&
    only(parts.rollouts, 'running') &&
    !parts.problems['error']
  );
}
