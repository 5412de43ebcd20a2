import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { AccessModule } from './access/index.js';
import { ClockModule } from './clock/index.js';
import { ClustersModule } from './clusters/index.js';
import type { HubConfig } from './config/index.js';
import { ConfigModule } from './config/index.js';
import { DatabaseModule } from './database/index.js';
import { DeliveryModule } from './delivery/index.js';
import { EventsModule } from './events/index.js';
import { FleetsModule } from './fleets/index.js';
import { HttpModule } from './http/index.js';
import { LoggingModule } from './logging/index.js';
import { ReportsModule } from './reports/index.js';
import { RolloutsModule } from './rollouts/index.js';
import { SealingModule } from './sealing/index.js';
import { SourcesModule } from './sources/index.js';
import { ViewsModule } from './views/index.js';

/** The whole hub: one module per capability. */
@Module({})
export class HubModule {
  static of(config: HubConfig): DynamicModule {
    return {
      module: HubModule,
      imports: [
        ConfigModule.of(config),
        LoggingModule,
        EventsModule,
        ClockModule,
        DatabaseModule,
        SealingModule,
        AccessModule,
        ClustersModule,
        SourcesModule,
        FleetsModule,
        ReportsModule,
        RolloutsModule,
        DeliveryModule,
        ViewsModule,
        HttpModule,
      ],
    };
  }
}
