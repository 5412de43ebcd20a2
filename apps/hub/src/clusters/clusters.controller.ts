import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsIn, IsObject, IsOptional, IsString, Matches } from 'class-validator';
import type { Identity } from '../access/index.js';
import { Caller, Needs } from '../access/index.js';
import { durationOf } from '../web/index.js';
import type { RemovalMode } from './cluster.repository.js';
import type { Join } from './clusters.service.js';
import { ClustersService } from './clusters.service.js';
import type { RbacMode } from './join-manifest.js';
import { RBAC_MODES } from './join-manifest.js';

/** How the agent is installed. */
export class InstallQuery {
  @ApiPropertyOptional({ description: 'Image of the agent.' }) @IsOptional() @IsString() image?: string;
  @ApiPropertyOptional({
    enum: RBAC_MODES,
    description: 'What the agent may do: anything (clusterAdmin, the default), or what `flotilla agent rbac` prints.',
  })
  @IsOptional()
  @IsIn(RBAC_MODES)
  rbac?: RbacMode;
}

export class JoinRequestDto extends InstallQuery {
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: { type: 'string' },
    description: 'Labels of the cluster.',
  })
  @IsOptional()
  @IsObject()
  labels?: Record<string, string>;
}

export class JoinDto {
  @ApiProperty() cluster!: string;
  @ApiProperty({ description: 'Works once. Told once, here.' }) token!: string;
  @ApiProperty() joinAddress!: string;
  @ApiProperty({ format: 'date-time' }) expiresAt!: Date;
  @ApiProperty({ description: 'YAML to be piped into kubectl.' }) manifest!: string;
}

const MODES = ['prune', 'orphan', 'gone'] as const;

export class RemovalQuery {
  @ApiProperty({
    enum: MODES,
    description: 'prune deletes what apps own, orphan lets it live, gone does not wait for the agent.',
  })
  @IsIn(MODES)
  mode!: RemovalMode;
}

export class SuspensionDto {
  @ApiPropertyOptional({ description: 'For how long, at most 24h; 1h without it.' })
  @IsOptional()
  @Matches(/^\d+[smhd]$/)
  for?: string;

  @ApiPropertyOptional() @IsOptional() @IsString() reason?: string;
}

export class ReasonDto {
  @ApiPropertyOptional() @IsOptional() @IsString() reason?: string;
}

@ApiTags('clusters')
@ApiBearerAuth()
@Controller('api/v1/clusters/:cluster')
export class ClustersController {
  constructor(@Inject(ClustersService) private readonly clusters: ClustersService) {}

  @Post('join')
  @Needs('admin')
  @ApiOperation({
    operationId: 'joinCluster',
    summary: 'A one-time token, and the YAML that installs an agent with it',
  })
  @ApiResponse({ status: 201, type: JoinDto })
  async join(
    @Param('cluster') name: string,
    @Body() body: JoinRequestDto,
    @Caller() caller: Identity,
  ): Promise<JoinDto> {
    return this.print(await this.clusters.createJoin(name, body.labels ?? {}, caller), body);
  }

  @Post('rejoin')
  @Needs('admin')
  @ApiOperation({ operationId: 'rejoinCluster', summary: 'A token that gives a known cluster its identity back' })
  @ApiResponse({ status: 201, type: JoinDto })
  async rejoin(
    @Param('cluster') name: string,
    @Query() query: InstallQuery,
    @Caller() caller: Identity,
  ): Promise<JoinDto> {
    return this.print(await this.clusters.createRejoin(name, caller), query);
  }

  private print(join: Join, { image, rbac }: InstallQuery): JoinDto {
    const options = { ...(image === undefined ? {} : { image }), ...(rbac === undefined ? {} : { rbac }) };
    const manifest = this.clusters.printJoinManifest(join, options);
    const { clusterName, token, joinAddress, expiresAt } = join;
    return { cluster: clusterName, token, joinAddress, expiresAt, manifest };
  }

  @Delete()
  @Needs('admin')
  @HttpCode(202)
  @ApiOperation({ operationId: 'removeCluster', summary: 'Remove a cluster: prune, orphan or gone' })
  @ApiResponse({ status: 202 })
  async remove(
    @Param('cluster') name: string,
    @Query() query: RemovalQuery,
    @Caller() caller: Identity,
  ): Promise<void> {
    await this.clusters.remove(name, query.mode, caller);
  }

  @Post('revoke')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({
    operationId: 'revokeCluster',
    summary: 'Withdraw the certificates of a cluster; its session ends within seconds',
  })
  @ApiResponse({ status: 204 })
  async revoke(@Param('cluster') name: string, @Body() body: ReasonDto, @Caller() caller: Identity): Promise<void> {
    await this.clusters.revoke(name, body.reason ?? '', caller);
  }

  @Post('suspend')
  @Needs('operator')
  @HttpCode(204)
  @ApiOperation({ operationId: 'suspendCluster', summary: 'Stop applying and healing on a cluster for a while' })
  @ApiResponse({ status: 204 })
  async suspend(
    @Param('cluster') name: string,
    @Body() body: SuspensionDto,
    @Caller() caller: Identity,
  ): Promise<void> {
    const forMs = body.for === undefined ? {} : { forMs: durationOf(body.for) };
    await this.clusters.suspend(name, { ...forMs, reason: body.reason ?? '' }, caller);
  }

  @Post('resume')
  @Needs('operator')
  @HttpCode(204)
  @ApiOperation({ operationId: 'resumeCluster', summary: 'End a suspension' })
  @ApiResponse({ status: 204 })
  async resume(@Param('cluster') name: string, @Body() body: ReasonDto, @Caller() caller: Identity): Promise<void> {
    await this.clusters.resume(name, body.reason ?? '', caller);
  }
}
