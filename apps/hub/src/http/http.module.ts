import { Module, ValidationPipe } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { ClustersModule } from '../clusters/index.js';
import { EventStreamController } from './event-stream.controller.js';
import { FleetCountsRepository } from './fleet-counts.repository.js';
import { HealthController } from './health.controller.js';
import { LeaderForwarder } from './leader-forwarder.service.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsService } from './metrics.service.js';
import { PeerListener } from './peer-listener.service.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';
import { ReadableInputGuard } from './readable-input.guard.js';
import { ReadinessRepository } from './readiness.repository.js';
import { SummaryController } from './summary.controller.js';
import { VersionController } from './version.controller.js';

/** What the whole REST API shares: validation, problem details, health, metrics, summary, live stream. */
@Module({
  imports: [ClustersModule],
  controllers: [HealthController, MetricsController, EventStreamController, SummaryController, VersionController],
  providers: [
    ReadinessRepository,
    FleetCountsRepository,
    LeaderForwarder,
    MetricsService,
    PeerListener,
    { provide: APP_GUARD, useClass: ReadableInputGuard },
    { provide: APP_FILTER, useClass: ProblemDetailsFilter },
    {
      provide: APP_PIPE,
      useFactory: () => new ValidationPipe({ transform: true, whitelist: true, forbidNonWhitelisted: true }),
    },
  ],
})
export class HttpModule {}
