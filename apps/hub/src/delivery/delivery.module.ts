import { Global, Module } from '@nestjs/common';
import { ClustersModule } from '../clusters/index.js';
import { FleetsModule } from '../fleets/index.js';
import { ReportsModule } from '../reports/index.js';
import { AgentHandlers } from './agent.handlers.js';
import { AskedApps } from './asked-apps.service.js';
import { ContentService } from './content.service.js';
import { DeliveryStrategy } from './delivery.strategy.js';
import { DesiredStateRepository } from './desired-state.repository.js';
import { FetchService } from './fetch.service.js';
import { HeldVersions } from './held-versions.service.js';
import { JoinHandlers } from './join.handlers.js';
import { ReportCheck } from './report-check.service.js';
import { ReconnectWindow } from './reconnect-window.service.js';
import { SessionOpener } from './open-session.service.js';
import { Publisher } from './publisher.service.js';
import { SessionServer } from './serve-session.service.js';
import { SessionKeeper } from './session-keeper.service.js';
import { SessionRegistry } from './session-registry.service.js';
import { SessionRepository } from './session.repository.js';
import { TimeTravel } from './time-travel.service.js';
import { VisibleContentRepository } from './visible-content.repository.js';

/** Offers clusters their desired state over gRPC and takes in what their agents say. */
@Global()
@Module({
  imports: [ClustersModule, FleetsModule, ReportsModule],
  providers: [
    AgentHandlers,
    AskedApps,
    ContentService,
    DeliveryStrategy,
    DesiredStateRepository,
    FetchService,
    HeldVersions,
    JoinHandlers,
    Publisher,
    ReconnectWindow,
    ReportCheck,
    SessionKeeper,
    SessionOpener,
    SessionRegistry,
    SessionRepository,
    SessionServer,
    TimeTravel,
    VisibleContentRepository,
  ],
  exports: [DeliveryStrategy, SessionRegistry],
})
export class DeliveryModule {}
