import type { Logger as Pino } from '@flotilla/telemetry';

/** The hub's log, injected by this class: JSON lines on stdout, never a secret. */
export abstract class Logger {
  abstract readonly debug: Pino['debug'];
  abstract readonly info: Pino['info'];
  abstract readonly warn: Pino['warn'];
  abstract readonly error: Pino['error'];
}
