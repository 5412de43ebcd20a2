import { Body, Controller, Delete, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Fault } from '@flotilla/domain';
import type { Identity } from '../access/index.js';
import { Caller, Needs } from '../access/index.js';
import { durationOf } from '../web/index.js';
import type { ClusterAct } from './cluster-acts.service.js';
import { actorOf } from './actor-of.js';
import { ClusterActs } from './cluster-acts.service.js';
import {
  ClusterActDto,
  ClusterActResultDto,
  InstallQuery,
  JoinDto,
  JoinRequestDto,
  LabelsDto,
  RemovalQuery,
  SuspensionDto,
} from './clusters.dto.js';
import type { Join } from './clusters.service.js';
import { ClustersService } from './clusters.service.js';

@ApiTags('clusters')
@ApiBearerAuth()
@Controller('api/v1/clusters/:cluster')
export class ClustersController {
  constructor(
    @Inject(ClustersService) private readonly clusters: ClustersService,
    @Inject(ClusterActs) private readonly acts: ClusterActs,
  ) {}

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
    const labels = body.labels ?? {};
    await this.refuseRepeated('join', name, body);
    if (body.dryRun !== true)
      return this.print(await this.clusters.createJoin(name, labels, actorOf(caller, body)), body);
    await this.clusters.checkJoin(name, labels);
    return notDone(name);
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
    await this.refuseRepeated('rejoin', name, query);
    if (query.dryRun !== true) return this.print(await this.clusters.createRejoin(name, actorOf(caller, query)), query);
    await this.clusters.get(name);
    return notDone(name);
  }

  /** A token is told once: the same answer cannot be given again. */
  private async refuseRepeated(kind: 'join' | 'rejoin', name: string, { requestId }: ClusterActDto): Promise<void> {
    if (await this.clusters.isRepeated(`cluster.${kind}Token`, name, requestId))
      throw new Fault('conflict', `this request id has made a token for ${name} already, which was told then`);
  }

  private print(join: Join, { image, rbac }: InstallQuery): JoinDto {
    const options = { ...(image === undefined ? {} : { image }), ...(rbac === undefined ? {} : { rbac }) };
    const manifest = this.clusters.printJoinManifest(join, options);
    const { clusterName, token, joinAddress, expiresAt } = join;
    return { cluster: clusterName, done: true, token, joinAddress, expiresAt, manifest };
  }

  @Delete()
  @Needs('admin')
  @HttpCode(202)
  @ApiOperation({ operationId: 'removeCluster', summary: 'Remove a cluster: prune, orphan or gone' })
  @ApiResponse({ status: 202, type: ClusterActResultDto })
  remove(
    @Param('cluster') name: string,
    @Query() query: RemovalQuery,
    @Caller() caller: Identity,
  ): Promise<ClusterActResultDto> {
    return this.act(name, { kind: 'remove', mode: query.mode }, { request: query, caller });
  }

  @Post('revoke')
  @Needs('admin')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'revokeCluster',
    summary: 'Withdraw the certificates of a cluster; its session ends within seconds',
  })
  @ApiResponse({ status: 200, type: ClusterActResultDto })
  revoke(
    @Param('cluster') name: string,
    @Body() body: ClusterActDto,
    @Caller() caller: Identity,
  ): Promise<ClusterActResultDto> {
    return this.act(name, { kind: 'revoke' }, { request: body, caller });
  }

  @Post('suspend')
  @Needs('operator')
  @HttpCode(200)
  @ApiOperation({ operationId: 'suspendCluster', summary: 'Stop applying and healing on a cluster for a while' })
  @ApiResponse({ status: 200, type: ClusterActResultDto })
  suspend(
    @Param('cluster') name: string,
    @Body() body: SuspensionDto,
    @Caller() caller: Identity,
  ): Promise<ClusterActResultDto> {
    const forMs = body.for === undefined ? {} : { forMs: durationOf(body.for) };
    return this.act(name, { kind: 'suspend', ...forMs }, { request: body, caller });
  }

  @Post('resume')
  @Needs('operator')
  @HttpCode(200)
  @ApiOperation({ operationId: 'resumeCluster', summary: 'End a suspension' })
  @ApiResponse({ status: 200, type: ClusterActResultDto })
  resume(
    @Param('cluster') name: string,
    @Body() body: ClusterActDto,
    @Caller() caller: Identity,
  ): Promise<ClusterActResultDto> {
    return this.act(name, { kind: 'resume' }, { request: body, caller });
  }

  @Post('labels')
  @Needs('admin')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'labelCluster',
    summary: 'Change the labels a cluster joined with; what selects by them follows',
  })
  @ApiResponse({ status: 200, type: ClusterActResultDto })
  label(
    @Param('cluster') name: string,
    @Body() body: LabelsDto,
    @Caller() caller: Identity,
  ): Promise<ClusterActResultDto> {
    return this.act(name, { kind: 'label', changes: body.labels }, { request: body, caller });
  }

  private act(
    name: string,
    act: ClusterAct,
    { request, caller }: { request: ClusterActDto; caller: Identity },
  ): Promise<ClusterActResultDto> {
    const { reason = '', requestId, dryRun = false } = request;
    return this.acts.act(name, act, { reason, requestId, dryRun, by: { name: caller.name } });
  }
}

/** Of a dry run. */
function notDone(cluster: string): JoinDto {
  return { cluster, done: false, token: '', joinAddress: '', expiresAt: null, manifest: '' };
}
