import type { OnApplicationShutdown } from '@nestjs/common';
import { Global, Inject, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { HubConfig } from '../config/index.js';
import { createDataSource, migrate } from './data-source.js';
import { LeaderService } from './leader.service.js';

/** The connected, migrated database, and who leads. Started first, stopped last. */
@Global()
@Module({
  providers: [
    {
      provide: DataSource,
      inject: [HubConfig],
      useFactory: async (config: HubConfig): Promise<DataSource> => {
        const dataSource = await createDataSource(config).initialize();
        await migrate(dataSource);
        return dataSource;
      },
    },
    LeaderService,
  ],
  exports: [DataSource, LeaderService],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(
    @Inject(DataSource) private readonly dataSource: DataSource,
    @Inject(LeaderService) private readonly leader: LeaderService,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.leader.stop();
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }
}
