import { randomUUID } from 'node:crypto';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiParam, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { ActKind } from '@flotilla/domain';
import { Fault, roleAllows } from '@flotilla/domain';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, Min } from 'class-validator';
import type { Identity } from '../access/index.js';
import { Caller, Needs } from '../access/index.js';
import type { Cause } from '../fleets/index.js';
import { CausesService } from '../fleets/index.js';
import { MAX_NUMBER, PageQuery, idCursorOf, durationOf, nextAfter, pageOf } from '../web/index.js';
import {
  printApproval,
  printHead,
  printHistory,
  printPlan,
  printRemoval,
  printRollout,
  printWhy,
} from './print-rollout.js';
import type { ActRequest } from './rollout-acts.service.js';
import { RolloutActs } from './rollout-acts.service.js';
import {
  ACTS,
  ActDto,
  ActResultDto,
  ApprovalPageDto,
  HistoryPageDto,
  PlanDto,
  RemovalPageDto,
  RolloutDto,
  RolloutPageDto,
  WhyAppDto,
} from './rollouts.dto.js';
import type { WhyApp } from './rollout-view.js';
import { RolloutsQuery } from './rollouts.query.js';

export class RolloutListQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'All rollouts of this app, newest first; without it the newest of each app.' })
  @IsOptional()
  @IsString()
  app?: string;
}

export class ReleaseNumberQuery {
  @ApiPropertyOptional({ description: 'The rollout of this release; the newest without it.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_NUMBER)
  release?: number;
}

export class HistoryQuery extends PageQuery {
  @ApiPropertyOptional({ description: 'Only of the rollout of this release.' })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MAX_NUMBER)
  release?: number;
}

export class RemovalListQuery {
  @ApiPropertyOptional() @IsOptional() @IsString() app?: string;
}

const MAX_EXPLAINED = 10;

@ApiTags('rollouts')
@ApiBearerAuth()
@Controller('api/v1')
export class RolloutsController {
  constructor(
    @Inject(RolloutsQuery) private readonly rollouts: RolloutsQuery,
    @Inject(RolloutActs) private readonly acts: RolloutActs,
    @Inject(CausesService) private readonly causes: CausesService,
  ) {}

  @Get('rollouts')
  @ApiOperation({ operationId: 'listRollouts', summary: 'Rollouts with their state and counts' })
  @ApiResponse({ status: 200, type: RolloutPageDto })
  async list(@Query() { app, limit, after }: RolloutListQuery): Promise<RolloutPageDto> {
    const filter = { limit: limit + 1, before: idCursorOf(after), ...(app === undefined ? {} : { app }) };
    const { items, next } = pageOf(await this.rollouts.list(filter), limit, ({ id }) => id);
    return { items: items.map(printHead), next };
  }

  @Get('apps/:app/rollout')
  @ApiOperation({ operationId: 'getRollout', summary: 'Waves, counts and what blocks them' })
  @ApiResponse({ status: 200, type: RolloutDto })
  async get(@Param('app') app: string, @Query() { release }: ReleaseNumberQuery): Promise<RolloutDto> {
    return printRollout(await this.rollouts.current(app, release));
  }

  @Get('apps/:app/rollout/history')
  @ApiOperation({
    operationId: 'getRolloutHistory',
    summary: 'Decisions and acts, oldest first; a page ends early when its lines name very many clusters',
  })
  @ApiResponse({ status: 200, type: HistoryPageDto })
  async history(@Param('app') app: string, @Query() query: HistoryQuery): Promise<HistoryPageDto> {
    const { release, after, limit } = query;
    const { lines, more } = await this.rollouts.history({ app, release, after: idCursorOf(after), limit });
    const next = more ? nextAfter(lines.at(-1)?.id) : null;
    return { items: lines.map(printHistory), next };
  }

  @Get('apps/:app/rollout/plan')
  @ApiOperation({ operationId: 'planRollout', summary: 'What the planner would do now; changes nothing' })
  @ApiResponse({ status: 200, type: PlanDto })
  async plan(@Param('app') app: string): Promise<PlanDto> {
    const [plan, targets, deletions] = await Promise.all([
      this.acts.plan(app),
      this.rollouts.targets(app),
      this.rollouts.plannedDeletions(app),
    ]);
    const names = Object.fromEntries(targets.map(({ clusterId, cluster }) => [clusterId, cluster]));
    return printPlan(plan, names, deletions);
  }

  @Get('approvals')
  @ApiOperation({ operationId: 'listApprovals', summary: 'What waits for a person to allow it, longest first' })
  @ApiResponse({ status: 200, type: ApprovalPageDto })
  async approvals(@Query() { app }: RemovalListQuery): Promise<ApprovalPageDto> {
    return { items: (await this.rollouts.approvals(app)).map(printApproval), next: null };
  }

  @Get('apps/:app/why')
  @ApiOperation({ operationId: 'whyApp', summary: 'What blocks an app, the evidence with its age, what to do' })
  @ApiResponse({ status: 200, type: WhyAppDto })
  async why(@Param('app') app: string): Promise<WhyAppDto> {
    const why = await this.rollouts.whyApp(app);
    return printWhy(why, await this.causesOf(app, why));
  }

  /** Of the first clusters: the others hardly fail for something else. */
  private async causesOf(app: string, { rollout, failed }: WhyApp): Promise<Map<number, readonly Cause[]>> {
    const found = new Map<number, readonly Cause[]>();
    for (const { clusterId, proven, problems } of failed.slice(0, MAX_EXPLAINED)) {
      if (rollout === undefined || proven === undefined) continue;
      const refs = problems.map(({ ref }) => ref);
      found.set(clusterId, await this.causes.find(app, { clusterId, from: proven, to: rollout.release.number, refs }));
    }
    return found;
  }

  @Get('removals')
  @ApiOperation({ operationId: 'listRemovals', summary: 'Targets that leave, or wait for a decision about it' })
  @ApiResponse({ status: 200, type: RemovalPageDto })
  async removals(@Query() { app }: RemovalListQuery): Promise<RemovalPageDto> {
    return { items: (await this.rollouts.removals(app)).map(printRemoval), next: null };
  }

  @Post('apps/:app/rollout/acts/:act')
  @HttpCode(200)
  @Needs('operator')
  @ApiParam({ name: 'app', type: String })
  @ApiParam({ name: 'act', enum: Object.keys(ACTS) })
  @ApiOperation({
    operationId: 'actOnRollout',
    summary: 'Steer a rollout; refused with the reason when it does not apply',
  })
  @ApiResponse({ status: 200, type: ActResultDto })
  async act(
    @Param() { app, act }: { app: string; act: string },
    @Body() body: ActDto,
    @Caller() caller: Identity,
  ): Promise<ActResultDto> {
    const kind = kindOf(act);
    if (!roleAllows(caller.role, ACTS[kind])) throw new Fault('forbidden', `${act} needs the role ${ACTS[kind]}`);
    const { release, wave, cluster, ...rest } = await this.acts.act(kind, app, requestOf(body, caller));
    return { ...rest, release: release ?? null, wave: wave ?? null, cluster: cluster ?? null };
  }
}

function kindOf(act: string): ActKind {
  if (Object.hasOwn(ACTS, act)) return act as ActKind;
  throw new Fault('badInput', `there is no act ${act}`, `one of ${Object.keys(ACTS).join(', ')}`);
}

function requestOf(body: ActDto, caller: Identity): ActRequest {
  const { for: duration, requestId = randomUUID(), reason = '', ...rest } = body;
  return {
    ...rest,
    reason,
    requestId,
    actor: caller.name,
    ...(duration === undefined ? {} : { forMs: durationOf(duration) }),
  };
}
