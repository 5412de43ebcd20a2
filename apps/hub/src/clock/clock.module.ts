import { Global, Module } from '@nestjs/common';
import { SteadyClock } from './steady-clock.js';

@Global()
@Module({ providers: [{ provide: SteadyClock, useFactory: () => new SteadyClock() }], exports: [SteadyClock] })
export class ClockModule {}
