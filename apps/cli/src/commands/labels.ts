import { CliError } from '../exit.js';

/** `key=value` texts as labels. @throws CliError */
export function labelsOf(texts: readonly string[] = []): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, key, value] = /^([^=]+)=(.*)$/.exec(text) ?? [];
      if (key === undefined || value === undefined) throw new CliError('usage', `--label ${text}: key=value is needed`);
      return [key, value];
    }),
  );
}

/** `key=value` sets a label, `key-` takes it away (null), as kubectl says it. @throws CliError */
export function labelChangesOf(texts: readonly string[]): Record<string, string | null> {
  return Object.fromEntries(
    texts.map((text) => {
      const [, key, value] = /^([^=]+?)(?:-|=(.*))$/.exec(text) ?? [];
      if (key === undefined) throw new CliError('usage', `${text}: KEY=VALUE or KEY- is needed`);
      return [key, value ?? null];
    }),
  );
}
