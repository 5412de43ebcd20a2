import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Public } from '../access/index.js';
import { HUB_VERSION } from '../config/index.js';

export class HubVersionDto {
  @ApiProperty() version!: string;
  @ApiProperty({
    format: 'date-time',
    description: 'The clock of the hub, so that a client can tell how far its own is off.',
  })
  now!: string;
}

@ApiTags('operations')
@Controller('api/v1/version')
@Public()
export class VersionController {
  @Get()
  @ApiOperation({ operationId: 'getVersion', summary: 'Version and clock of the hub; needs no token' })
  @ApiResponse({ status: 200, type: HubVersionDto })
  get(): HubVersionDto {
    return { version: HUB_VERSION, now: new Date().toISOString() };
  }
}
