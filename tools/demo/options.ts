import { parseArgs } from 'node:util';

export interface DemoOptions {
  readonly once: boolean;
  readonly clusters: number;
  /** Contexts of the user's kubeconfig; empty: embedded clusters. */
  readonly contexts: readonly string[];
  readonly reset: boolean;
  readonly timeoutMs: number;
  readonly databaseUrl: string | undefined;
}

/** @throws Error saying which option is wrong. */
export function readOptions(args: readonly string[], environment: NodeJS.ProcessEnv): DemoOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: 'boolean', default: false },
      clusters: { type: 'string', default: '6' },
      context: { type: 'string', multiple: true, default: [] },
      reset: { type: 'boolean', default: false },
      timeout: { type: 'string', default: '180' },
    },
  });
  return {
    once: values.once,
    clusters: atLeastOne('--clusters', values.clusters),
    contexts: values.context,
    reset: values.reset,
    timeoutMs: atLeastOne('--timeout', values.timeout) * 1_000,
    databaseUrl: environment['DATABASE_URL'],
  };
}

function atLeastOne(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`${name} ${text}: a whole number above 0 is needed`);
  return number;
}
