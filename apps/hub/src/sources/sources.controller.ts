import { Body, Controller, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Needs, SignedWebhook } from '../access/index.js';
import { Page } from '../web/index.js';
import { SourcesService } from './sources.service.js';

export class RefreshedDto {
  @ApiProperty() source!: string;
  @ApiProperty({ description: 'The commit it points at now.' }) commit!: string;
  @ApiProperty({ description: 'Whether that is another one than before.' }) moved!: boolean;
}

export class RefreshedPageDto extends Page(RefreshedDto) {}

@ApiTags('fleet')
@ApiBearerAuth()
@Controller('api/v1')
export class SourcesController {
  constructor(@Inject(SourcesService) private readonly sources: SourcesService) {}

  @Post('sources/refresh')
  @HttpCode(200)
  @Needs('operator')
  @ApiOperation({ operationId: 'refreshSources', summary: 'Look at every source now' })
  @ApiResponse({ status: 200, type: RefreshedPageDto })
  async refreshAll(): Promise<RefreshedPageDto> {
    return { items: [...(await this.sources.refresh())], next: null };
  }

  @Post('sources/:source/refresh')
  @HttpCode(200)
  @Needs('operator')
  @ApiOperation({ operationId: 'refreshSource', summary: 'Look at one source now' })
  @ApiResponse({ status: 200, type: RefreshedPageDto })
  async refresh(@Param('source') name: string): Promise<RefreshedPageDto> {
    return { items: [...(await this.sources.refresh(name))], next: null };
  }

  @Post('webhooks/:source')
  @HttpCode(200)
  @Needs('operator')
  @SignedWebhook()
  @ApiBody({ schema: { type: 'object', additionalProperties: true }, required: false })
  @ApiOperation({
    operationId: 'webhook',
    summary: 'Generic webhook of a Git server: its body is not read, the source is looked at',
  })
  @ApiResponse({ status: 200, type: RefreshedPageDto })
  async webhook(@Param('source') name: string, @Body() _ignored?: unknown): Promise<RefreshedPageDto> {
    return { items: [...(await this.sources.refresh(name))], next: null };
  }
}
