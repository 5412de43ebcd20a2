import { Global, Module } from '@nestjs/common';
import { pino, stdTimeFunctions } from 'pino';
import { HubConfig } from '../config/index.js';
import { Logger } from './logger.js';

@Global()
@Module({
  providers: [
    {
      provide: Logger,
      inject: [HubConfig],
      useFactory: (config: HubConfig): Logger =>
        pino({
          level: config.settings.logLevel,
          base: null,
          timestamp: stdTimeFunctions.isoTime,
          formatters: { level: (level) => ({ level }) },
          redact: ['*.token', '*.secret', '*.password', 'req.headers.authorization'],
        }),
    },
  ],
  exports: [Logger],
})
export class LoggingModule {}
