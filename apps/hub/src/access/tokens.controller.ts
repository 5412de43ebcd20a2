import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { Role } from '@flotilla/domain';
import { ROLES } from '@flotilla/domain';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { ActRequestDto, Page, durationOf } from '../web/index.js';
import { Needs } from './needs.decorator.js';
import { Caller } from './roles.guard.js';
import type { Identity } from './tokens.service.js';
import { TokensService } from './tokens.service.js';

export class TokenDto {
  @ApiProperty() id!: string;
  @ApiProperty() name!: string;
  @ApiProperty({ enum: ROLES }) role!: Role;
  @ApiProperty() createdBy!: string;
  @ApiProperty({ format: 'date-time' }) createdAt!: Date;
  @ApiProperty({ format: 'date-time', type: String, nullable: true }) expiresAt!: Date | null;
  @ApiProperty({ format: 'date-time', type: String, nullable: true }) usedAt!: Date | null;
}

export class TokenPageDto extends Page(TokenDto) {}

export class NewTokenDto extends ActRequestDto {
  @ApiProperty({ pattern: '^[a-z0-9]([-a-z0-9.@]{0,61}[a-z0-9])?$' })
  @Matches(/^[a-z0-9]([-a-z0-9.@]{0,61}[a-z0-9])?$/)
  name!: string;

  @ApiProperty({ enum: ROLES }) @IsIn(ROLES) role!: Role;

  @ApiPropertyOptional({ description: 'For example 24h or 90d; without it the token does not expire.' })
  @IsOptional()
  @Matches(/^\d+(s|m|h|d)$/)
  expiresIn?: string;
}

export class MadeTokenDto {
  @ApiProperty() id!: string;
  @ApiProperty({ description: 'Told once, here.' }) token!: string;
  @ApiProperty({ description: 'False for a dry run: then there is no token.' }) done!: boolean;
}

export class WhoAmIDto {
  @ApiProperty() name!: string;
  @ApiProperty({ enum: ROLES }) role!: Role;
}

@ApiTags('access')
@ApiBearerAuth()
@Controller('api/v1')
export class TokensController {
  constructor(@Inject(TokensService) private readonly tokens: TokensService) {}

  @Get('whoami')
  @ApiOperation({ operationId: 'whoAmI', summary: 'Whose token this is' })
  @ApiResponse({ status: 200, type: WhoAmIDto })
  whoAmI(@Caller() caller: Identity): WhoAmIDto {
    return { name: caller.name, role: caller.role };
  }

  @Get('tokens')
  @Needs('admin')
  @ApiOperation({ operationId: 'listTokens', summary: 'Live API tokens, without their secrets' })
  @ApiResponse({ status: 200, type: TokenPageDto })
  async list(): Promise<TokenPageDto> {
    return { items: await this.tokens.list(), next: null };
  }

  @Post('tokens')
  @Needs('admin')
  @ApiOperation({ operationId: 'createToken', summary: 'Make an API token; its text is told once' })
  @ApiResponse({ status: 201, type: MadeTokenDto })
  async create(@Body() body: NewTokenDto, @Caller() caller: Identity): Promise<MadeTokenDto> {
    const expiresInMs = body.expiresIn === undefined ? undefined : durationOf(body.expiresIn);
    const { name, role } = body;
    const made = await this.tokens.create({ name, role, expiresInMs }, { caller, request: body });
    return made ? { id: made.id, token: made.text, done: true } : { id: '', token: '', done: false };
  }

  @Delete('tokens/:token')
  @Needs('admin')
  @HttpCode(204)
  @ApiOperation({ operationId: 'revokeToken', summary: 'Revoke a token by id or name' })
  @ApiResponse({ status: 204 })
  async revoke(
    @Param('token') token: string,
    @Query() query: ActRequestDto,
    @Caller() caller: Identity,
  ): Promise<void> {
    await this.tokens.revoke(token, { caller, request: query });
  }
}
