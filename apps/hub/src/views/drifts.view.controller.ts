import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { DriftState } from '@flotilla/domain';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional, IsString } from 'class-validator';
import { Page, PageQuery, idCursorOf, pageOf } from '../web/index.js';
import { DriftsViewRepository } from './drifts.view.repository.js';
import { SelectClustersRepository } from './select-clusters.repository.js';
import { ObjectRefDto } from './targets.view.controller.js';

const STATES: readonly DriftState[] = ['open', 'healed', 'reported', 'contested', 'suspended', 'gone'];
const TIME = { type: String, format: 'date-time' } as const;

export class DriftRecordDto {
  @ApiProperty() id!: string;
  @ApiProperty() app!: string;
  @ApiProperty() cluster!: string;
  @ApiProperty({ type: ObjectRefDto }) ref!: ObjectRefDto;
  @ApiProperty({ enum: ['edited', 'deleted'] }) kind!: 'edited' | 'deleted';
  @ApiProperty({ description: 'JSON pointer; empty for a deletion.' }) field!: string;
  @ApiProperty({ description: 'JSON; empty for Secrets and for a field that is not wanted.' }) wanted!: string;
  @ApiProperty({ description: 'JSON; empty for Secrets and for a field that is not there.' }) live!: string;
  @ApiProperty({ description: 'Field manager; empty when unknown.' }) manager!: string;
  @ApiProperty({ ...TIME, nullable: true, description: 'When it was changed, by the cluster’s clock.' })
  at!: Date | null;
  @ApiProperty({
    enum: STATES,
    description:
      'open: about to be healed. reported: a rule leaves it. contested: somebody changes it back and back, healing waits. suspended: nothing is healed for a while. healed. gone: it went away by itself.',
  })
  state!: DriftState;
  @ApiProperty({ ...TIME, description: 'When the agent noticed it, by its own clock.' }) seenAt!: Date;
  @ApiProperty({ ...TIME, nullable: true, description: 'When it was over.' }) endedAt!: Date | null;
}

export class DriftRecordPageDto extends Page(DriftRecordDto) {}

export class DriftQuery extends PageQuery {
  @ApiPropertyOptional() @IsOptional() @IsString() app?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() cluster?: string;
  @ApiPropertyOptional({ description: 'Label selector over clusters.' }) @IsOptional() @IsString() selector?: string;
  @ApiPropertyOptional({ description: 'Only what is not over.' })
  @IsOptional()
  @Transform(({ value }) => value === 'true' || value === true)
  @IsBoolean()
  open?: boolean;
}

@ApiTags('targets')
@ApiBearerAuth()
@Controller('api/v1')
export class DriftsViewController {
  constructor(
    @Inject(DriftsViewRepository) private readonly drifts: DriftsViewRepository,
    @Inject(SelectClustersRepository) private readonly select: SelectClustersRepository,
  ) {}

  @Get('drifts')
  @ApiOperation({ operationId: 'listDrifts', summary: 'What was changed by others in clusters, newest first' })
  @ApiResponse({ status: 200, type: DriftRecordPageDto })
  async list(@Query() { app, cluster, selector, open, after, limit }: DriftQuery): Promise<DriftRecordPageDto> {
    const rows = await this.drifts.list({
      app,
      cluster,
      clusterIds: await this.select.ids(selector),
      open: open === true,
      before: idCursorOf(after),
      limit: limit + 1,
    });
    return pageOf(rows, limit, ({ id }) => id);
  }
}
