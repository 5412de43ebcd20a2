import type { Command } from 'commander';
import { Option } from 'commander';
import { stringify } from 'yaml';

export const FORMATS = ['table', 'wide', 'json', 'yaml', 'name'] as const;
export type Format = (typeof FORMATS)[number];

export const TEXT_FORMATS = ['text', 'json', 'yaml'] as const;
/** Of commands that print something else than rows. */
export type TextFormat = (typeof TEXT_FORMATS)[number];

export interface TextOptions {
  readonly output: TextFormat;
}

export function withTextOutput(command: Command): Command {
  return command.addOption(new Option('-o, --output <format>', 'how to print').choices(TEXT_FORMATS).default('text'));
}

/** The body as the hub gave it. */
export function printData(body: unknown, format: 'json' | 'yaml'): string {
  return format === 'json' ? JSON.stringify(body, null, 2) : stringify(body).trimEnd();
}

/** The body, or the words for it. */
export function printAs(body: unknown, format: TextFormat, words: () => string): string {
  return format === 'text' ? words() : printData(body, format);
}
