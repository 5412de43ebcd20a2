import type { Logger } from 'pino';
import { pino, stdTimeFunctions } from 'pino';

export type { Logger } from 'pino';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

export interface LoggerOptions {
  /** What writes: `hub`, `agent`. */
  readonly name: string;
  readonly level: LogLevel;
  /** Where lines go; standard output when left out. */
  readonly destination?: { write(line: string): void };
}

const NAMES = ['token', 'secret', 'key', 'password', 'authorization'];
const SECRETS = [...NAMES, ...NAMES.map((name) => `*.${name}`), 'req.headers.authorization'];

/** A logger of one JSON object per line. Fields named like secrets are never printed. */
export function createLogger({ name, level, destination }: LoggerOptions): Logger {
  const options = {
    level,
    base: { name },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: SECRETS, censor: '(redacted)' },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
