import type { MessageEvent } from '@nestjs/common';
import { Controller, Inject, Query, Sse } from '@nestjs/common';
import { ApiBearerAuth, ApiOperation, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString } from 'class-validator';
import { Observable } from 'rxjs';
import type { ChangeNotice } from '../events/index.js';
import { HubEvents } from '../events/index.js';

export class StreamQuery {
  @ApiPropertyOptional({ description: 'Only changes of this app.' }) @IsOptional() @IsString() app?: string;
  @ApiPropertyOptional({ description: 'Only changes on this cluster.' }) @IsOptional() @IsString() cluster?: string;
}

const KEEP_ALIVE_MS = 15_000;

@ApiTags('fleet')
@ApiBearerAuth()
@Controller('api/v1/stream')
export class EventStreamController {
  constructor(@Inject(HubEvents) private readonly events: HubEvents) {}

  @Sse()
  @ApiOperation({ operationId: 'streamChanges', summary: 'Live stream of changes (server-sent events)' })
  @ApiResponse({ status: 200, content: { 'text/event-stream': { schema: { type: 'string' } } } })
  stream(@Query() query: StreamQuery): Observable<MessageEvent> {
    return new Observable((subscriber) => {
      subscriber.next({ type: 'open', data: { at: new Date().toISOString() } });
      const stop = this.events.on('changed', (notice) => {
        if (concerns(notice, query))
          subscriber.next({ type: notice.kind, data: { at: new Date().toISOString(), ...notice } });
      });
      const timer = setInterval(() => subscriber.next({ type: 'keepAlive', data: {} }), KEEP_ALIVE_MS);
      return () => {
        stop();
        clearInterval(timer);
      };
    });
  }
}

function concerns(notice: ChangeNotice, { app, cluster }: StreamQuery): boolean {
  return (app === undefined || notice.app === app) && (cluster === undefined || notice.cluster === cluster);
}
