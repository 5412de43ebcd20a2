import { Global, Module } from '@nestjs/common';
import { createLogger } from '@flotilla/telemetry';
import { HubConfig } from '../config/index.js';
import { Logger } from './logger.js';

@Global()
@Module({
  providers: [
    {
      provide: Logger,
      inject: [HubConfig],
      useFactory: ({ settings }: HubConfig): Logger => createLogger({ name: 'hub', level: settings.logLevel }),
    },
  ],
  exports: [Logger],
})
export class LoggingModule {}
