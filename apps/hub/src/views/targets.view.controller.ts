import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { PlannedAction } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import { Transform } from 'class-transformer';
import { IsBoolean, IsIn, IsOptional, IsString } from 'class-validator';
import type { TargetState } from '../web/index.js';
import { Page, PageQuery, TARGET_STATES, pageOf, pairCursorOf } from '../web/index.js';
import { SelectClustersRepository } from './select-clusters.repository.js';
import { TargetsViewRepository } from './targets.view.repository.js';

const TIME = { type: String, format: 'date-time', nullable: true } as const;
const NUMBER = { type: Number, nullable: true } as const;

export class ObjectRefDto {
  @ApiProperty() group!: string;
  @ApiProperty() kind!: string;
  @ApiProperty() namespace!: string;
  @ApiProperty() name!: string;
}

export class ObjectProblemDto {
  @ApiProperty({ type: ObjectRefDto }) ref!: ObjectRefDto;
  @ApiProperty({ description: 'Reason, e.g. ImagePullBackOff or applyConflict.' }) code!: string;
  @ApiProperty() message!: string;
  @ApiProperty() summary!: string;
}

export class DriftDto {
  @ApiProperty({ type: ObjectRefDto }) ref!: ObjectRefDto;
  @ApiProperty({ enum: ['edited', 'deleted'] }) kind!: 'edited' | 'deleted';
  @ApiProperty({ description: 'JSON pointer; empty for a deletion.' }) field!: string;
  @ApiProperty({ description: 'JSON; empty for Secrets.' }) wanted!: string;
  @ApiProperty() live!: string;
  @ApiProperty({ description: 'Field manager; empty when unknown.' }) manager!: string;
  @ApiProperty({ description: 'Unix ms by the cluster’s clock; 0 when unknown.' }) at!: number;
  @ApiProperty() healed!: boolean;
  @ApiProperty({ description: 'Unix ms by the agent’s clock.' }) seenAt!: number;
  @ApiProperty({ description: 'Unix ms by the agent’s clock; 0 while it is not healed.' }) healedAt!: number;
  @ApiProperty({
    enum: ['', 'reported', 'contested', 'suspended'],
    description: 'Why it is left as it is; empty when it is healed or about to be.',
  })
  left!: '' | 'reported' | 'contested' | 'suspended';
}

export class PlanCountsDto {
  @ApiProperty() create!: number;
  @ApiProperty() change!: number;
  @ApiProperty() adopt!: number;
  @ApiProperty() delete!: number;
  @ApiProperty() conflict!: number;
  @ApiProperty() wait!: number;
  @ApiProperty() leave!: number;
}

export class PlannedObjectDto {
  @ApiProperty({ type: ObjectRefDto }) ref!: ObjectRefDto;
  @ApiProperty({ enum: ['create', 'change', 'adopt', 'delete', 'conflict', 'wait'] }) action!: PlannedAction;
  @ApiProperty({ type: [String], description: 'Field managers it would be taken over from.' })
  managers!: readonly string[];
  @ApiProperty({ description: 'Why, for conflicts and waits.' }) because!: string;
}

export class ObservedPlanDto {
  @ApiProperty({ type: PlanCountsDto }) counts!: PlanCountsDto;
  @ApiProperty({ type: [PlannedObjectDto], description: 'Without what would be left as it is; may be cut.' })
  objects!: readonly PlannedObjectDto[];
}

export class TargetDto {
  @ApiProperty() app!: string;
  @ApiProperty() cluster!: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' } }) labels!: Record<string, string>;
  @ApiProperty({ enum: TARGET_STATES }) state!: TargetState;
  @ApiProperty({ enum: ['healthy', 'progressing', 'failed', 'unknown'] }) health!: string;
  @ApiProperty({ type: String, nullable: true }) phase!: string | null;
  @ApiProperty({ description: 'Why the cluster is a target.' }) matchedBy!: string;
  @ApiProperty({ enum: ['active', 'leaving', 'asked', 'orphaned', 'pruned'] }) life!: string;
  @ApiProperty() lifeBecause!: string;
  @ApiProperty({ ...NUMBER, description: 'Newest release for it.' }) desiredRelease!: number | null;
  @ApiProperty({ ...NUMBER, description: 'Release it may run now.' }) allowedRelease!: number | null;
  @ApiProperty(TIME) allowedAt!: Date | null;
  @ApiProperty({ ...NUMBER, description: 'Release of the last complete pass.' }) appliedRelease!: number | null;
  @ApiProperty(TIME) appliedAt!: Date | null;
  @ApiProperty({ ...TIME, description: 'Since when its health is what it is.' }) healthAt!: Date | null;
  @ApiProperty({ ...TIME, description: 'When what its agent reports last changed.' }) reportedAt!: Date | null;
  @ApiProperty({ ...TIME, description: 'Age of the observation: when that was last confirmed, by a heartbeat too.' })
  observedAt!: Date | null;
  @ApiProperty() objects!: number;
  @ApiProperty() objectsReady!: number;
  @ApiProperty() drifted!: number;
  @ApiProperty({ type: [ObjectProblemDto] }) problems!: ObjectProblemDto[];
  @ApiProperty({ type: [DriftDto] }) drifts!: DriftDto[];
  @ApiProperty({
    type: ObservedPlanDto,
    nullable: true,
    description: 'In mode observe: what applying the app would do.',
  })
  plan!: ObservedPlanDto | null;
  @ApiProperty({ type: [ObjectRefDto], description: 'What waits for an approval to be deleted.' })
  deletions!: ObjectRefDto[];
  @ApiProperty({ type: String, nullable: true, description: 'Short digest of the applied bundle.' }) bundle!:
    string | null;
}

export class TargetPageDto extends Page(TargetDto) {}

export class TargetQuery extends PageQuery {
  @ApiPropertyOptional() @IsOptional() @IsString() app?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() cluster?: string;
  @ApiPropertyOptional({ description: 'Label selector over clusters.' }) @IsOptional() @IsString() selector?: string;
  @ApiPropertyOptional({ enum: TARGET_STATES }) @IsOptional() @IsIn(TARGET_STATES) state?: TargetState;
  @ApiPropertyOptional({ description: 'Everything that is not healthy.' })
  @IsOptional()
  @Transform(({ value }) => value === 'true' || value === true)
  @IsBoolean()
  unhealthy?: boolean;
}

@ApiTags('targets')
@ApiBearerAuth()
@Controller('api/v1')
export class TargetsViewController {
  constructor(
    @Inject(TargetsViewRepository) private readonly targets: TargetsViewRepository,
    @Inject(SelectClustersRepository) private readonly select: SelectClustersRepository,
  ) {}

  @Get('targets')
  @ApiOperation({ operationId: 'listTargets', summary: 'Apps on clusters: what is desired, allowed, applied and live' })
  @ApiResponse({ status: 200, type: TargetPageDto })
  async list(@Query() query: TargetQuery): Promise<TargetPageDto> {
    const filter = {
      app: query.app,
      cluster: query.cluster,
      clusterIds: await this.select.ids(query.selector),
      states: statesOf(query),
      after: pairCursorOf(query.after),
      limit: query.limit + 1,
    };
    return pageOf(await this.targets.list(filter), query.limit, ({ app, cluster }) => `${app}/${cluster}`);
  }

  @Get('apps/:app/targets/:cluster')
  @ApiOperation({ operationId: 'getTarget', summary: 'One app on one cluster, with problems and drift per object' })
  @ApiResponse({ status: 200, type: TargetDto })
  async get(@Param('app') app: string, @Param('cluster') cluster: string): Promise<TargetDto> {
    const [found] = await this.targets.list({ app, cluster, limit: 1 });
    if (!found) throw new Fault('notFound', `${app} has no target on ${cluster}`, `flotilla get targets --app ${app}`);
    return found;
  }
}

function statesOf({ state, unhealthy }: TargetQuery): readonly TargetState[] | undefined {
  if (state !== undefined) return [state];
  return unhealthy === true ? TARGET_STATES.filter((name) => name !== 'healthy') : undefined;
}
