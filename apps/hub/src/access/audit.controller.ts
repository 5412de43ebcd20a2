import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { JsonObject } from '@flotilla/domain';
import { IsOptional, IsString } from 'class-validator';
import { Page, PageQuery, idCursorOf, pageOf } from '../web/index.js';
import { AuditRepository } from './audit.repository.js';
import { Needs } from './needs.decorator.js';

export class AuditQuery extends PageQuery {
  @ApiPropertyOptional() @IsOptional() @IsString() actor?: string;
  @ApiPropertyOptional({ description: '`cluster` or `cluster.join`' }) @IsOptional() @IsString() action?: string;
  @ApiPropertyOptional() @IsOptional() @IsString() subject?: string;
}

export class AuditDto {
  @ApiProperty() id!: string;
  @ApiProperty({ format: 'date-time' }) at!: Date;
  @ApiProperty() actor!: string;
  @ApiProperty() action!: string;
  @ApiProperty() subject!: string;
  @ApiProperty({ enum: ['done', 'refused'] }) outcome!: 'done' | 'refused';
  @ApiProperty() reason!: string;
  @ApiProperty({ type: String, nullable: true }) requestId!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true }) detail!: JsonObject;
}

export class AuditPageDto extends Page(AuditDto) {}

@ApiTags('access')
@ApiBearerAuth()
@Controller('api/v1/audit')
export class AuditController {
  constructor(@Inject(AuditRepository) private readonly audit: AuditRepository) {}

  @Get()
  @Needs('operator')
  @ApiOperation({ operationId: 'listAudit', summary: 'Who did what, when and why; newest first' })
  @ApiResponse({ status: 200, type: AuditPageDto })
  async list(@Query() query: AuditQuery): Promise<AuditPageDto> {
    const before = idCursorOf(query.after);
    const filter = { actor: query.actor, action: query.action, subject: query.subject, before };
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
    const rows = await this.audit.list({ ...given, limit: query.limit + 1 });
    return pageOf(rows, query.limit, (row) => row.id);
  }
}
