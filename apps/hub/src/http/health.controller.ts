import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Fault } from '@flotilla/domain';
import { Public } from '../access/index.js';
import { ReadinessRepository } from './readiness.repository.js';

export class HealthDto {
  @ApiProperty({ enum: ['ok'] }) status!: 'ok';
}

export class ReadinessDto extends HealthDto {
  @ApiProperty({ enum: ['leader', 'standby'] }) role!: 'leader' | 'standby';
}

@ApiTags('operations')
@Controller()
@Public()
export class HealthController {
  constructor(@Inject(ReadinessRepository) private readonly readiness: ReadinessRepository) {}

  @Get('healthz')
  @ApiOperation({ operationId: 'healthz', summary: 'The process lives' })
  @ApiResponse({ status: 200, type: HealthDto })
  healthz(): HealthDto {
    return { status: 'ok' };
  }

  @Get('readyz')
  @ApiOperation({ operationId: 'readyz', summary: 'The database answers; says whether this hub leads' })
  @ApiResponse({ status: 200, type: ReadinessDto })
  async readyz(): Promise<ReadinessDto> {
    if (!(await this.readiness.answers())) throw new Fault('unavailable', 'the database does not answer');
    return { status: 'ok', role: this.readiness.leading ? 'leader' : 'standby' };
  }
}
