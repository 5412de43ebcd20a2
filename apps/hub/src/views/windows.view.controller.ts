import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { WindowSpan } from '@flotilla/domain';
import { WindowBook } from '@flotilla/domain';
import { IsOptional, IsString } from 'class-validator';
import { Page } from '../web/index.js';
import type { WindowRow } from './windows.view.repository.js';
import { WindowsViewRepository } from './windows.view.repository.js';

export class WindowSpanDto {
  @ApiProperty({ description: 'When it begins.' }) cron!: string;
  @ApiProperty() durationMs!: number;
  @ApiProperty() timeZone!: string;
}

export class WindowDto {
  @ApiProperty() name!: string;
  @ApiProperty({ description: 'Whether a wave that names it may begin now.' }) open!: boolean;
  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When that may change; null: never.' })
  changesAt!: string | null;
  @ApiProperty({ type: [WindowSpanDto] }) allow!: readonly WindowSpan[];
  @ApiProperty({ type: [WindowSpanDto], description: 'Binds what it is about without being named.' })
  deny!: readonly WindowSpan[];
  @ApiProperty({ description: 'Clusters it is about; empty: all.' }) selector!: string;
  @ApiProperty({ type: [String], description: 'Apps it is about; empty: all.' }) apps!: readonly string[];
  @ApiProperty() file!: string;
  @ApiProperty() line!: number;
  @ApiProperty({ description: 'Why the last good definition stays in force.' }) frozenBecause!: string;
}

export class WindowPageDto extends Page(WindowDto) {}

export class WindowQuery {
  @ApiPropertyOptional({ description: 'Only windows that are about this app.' })
  @IsOptional()
  @IsString()
  app?: string;
}

@ApiTags('rollouts')
@ApiBearerAuth()
@Controller('api/v1/windows')
export class WindowsViewController {
  constructor(@Inject(WindowsViewRepository) private readonly windows: WindowsViewRepository) {}

  @Get()
  @ApiOperation({ operationId: 'listWindows', summary: 'Times in which waves may begin: open now or not, until when' })
  @ApiResponse({ status: 200, type: WindowPageDto })
  async list(@Query() { app }: WindowQuery): Promise<WindowPageDto> {
    const rows = await this.windows.list();
    const wanted = rows.filter(({ body }) => app === undefined || body.apps.length === 0 || body.apps.includes(app));
    return { items: wanted.map(printWindow), next: null };
  }
}

function printWindow({ name, body, file, line, frozenBecause, now }: WindowRow): WindowDto {
  const { allow, deny, apps, selector, ...head } = body;
  const book = new WindowBook({ app: '', windows: { [name]: { ...head, allow, deny, apps: [] } } }, now);
  const { closedBy, changesAt } = book.stateFor({ labels: {} }, [name]);
  return {
    name,
    open: closedBy === undefined,
    changesAt: changesAt === undefined ? null : new Date(changesAt).toISOString(),
    allow,
    deny,
    selector: selector?.text ?? '',
    apps,
    file,
    line,
    frozenBecause,
  };
}
