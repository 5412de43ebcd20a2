import type { DynamicModule } from '@nestjs/common';
import { Module } from '@nestjs/common';
import { HubConfig } from './hub-config.js';

/** Offers the configuration to every capability. */
@Module({})
export class ConfigModule {
  static of(config: HubConfig): DynamicModule {
    return {
      module: ConfigModule,
      global: true,
      providers: [{ provide: HubConfig, useValue: config }],
      exports: [HubConfig],
    };
  }
}
