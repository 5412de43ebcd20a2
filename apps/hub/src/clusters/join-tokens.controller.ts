import { Controller, Delete, Get, HttpCode, Inject, Param, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Identity } from '../access/index.js';
import { Caller, Needs } from '../access/index.js';
import { ActRequestDto, Page } from '../web/index.js';
import { actorOf } from './actor-of.js';
import { ClustersService } from './clusters.service.js';

export class JoinTokenDto {
  @ApiProperty() id!: string;
  @ApiProperty({ description: 'Name of the cluster that may join with it.' }) cluster!: string;
  @ApiProperty({ enum: ['join', 'rejoin'] }) purpose!: 'join' | 'rejoin';
  @ApiProperty({ enum: ['waiting', 'used', 'expired', 'revoked'] }) state!: 'waiting' | 'used' | 'expired' | 'revoked';
  @ApiProperty() createdBy!: string;
  @ApiProperty({ format: 'date-time' }) createdAt!: Date;
  @ApiProperty({ format: 'date-time' }) expiresAt!: Date;
}

export class JoinTokenPageDto extends Page(JoinTokenDto) {}

@ApiTags('clusters')
@ApiBearerAuth()
@Controller('api/v1/join-tokens')
@Needs('admin')
export class JoinTokensController {
  constructor(@Inject(ClustersService) private readonly clusters: ClustersService) {}

  @Get()
  @ApiOperation({ operationId: 'listJoinTokens', summary: 'Join tokens of the last day, without their secrets' })
  @ApiResponse({ status: 200, type: JoinTokenPageDto })
  async list(): Promise<JoinTokenPageDto> {
    return { items: await this.clusters.joinTokens(), next: null };
  }

  @Delete(':token')
  @HttpCode(204)
  @ApiOperation({ operationId: 'revokeJoinToken', summary: 'Nobody joins with it any more' })
  @ApiResponse({ status: 204 })
  async revoke(@Param('token') id: string, @Query() query: ActRequestDto, @Caller() caller: Identity): Promise<void> {
    await this.clusters.revokeJoinToken(id, { dryRun: query.dryRun === true, actor: actorOf(caller, query) });
  }
}
