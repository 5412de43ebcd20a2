import { stringify } from 'yaml';
import { CliError } from '../exit.js';

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

export function formatOf(text: string): Format {
  const found = FORMATS.find((format) => format === text);
  if (!found) throw new CliError('usage', `-o ${text}: not a format`, `one of ${FORMATS.join(', ')}`);
  return found;
}

/** The body as the hub gave it. */
export function printData(body: unknown, format: 'json' | 'yaml'): string {
  return format === 'json' ? JSON.stringify(body, null, 2) : stringify(body).trimEnd();
}
