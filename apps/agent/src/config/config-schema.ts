import type { LogLevel } from '@flotilla/telemetry';

/** One setting of the agent: its environment variable (its flag follows from it), how it is read and what it means. */
export interface Setting<T> {
  readonly env: string;
  readonly doc: string;
  /** Text of the default as the documentation shows it; undefined when the setting is optional. */
  readonly default: string | undefined;
  /** Its value never appears in logs, errors or output, and it has no flag. */
  readonly secret?: boolean;
  /** @throws Error saying what is wrong with the text. */
  read(text: string): T;
}

/** `host:port`, IPv6 hosts without brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const text = (value: string): string => value;

function list(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

function address(value: string): Address {
  const [, host, port] = /^(.+):(\d+)$/.exec(value) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new Error(`"${value}" is not host:port`);
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

function addresses(value: string): readonly string[] {
  const all = list(value);
  for (const one of all) address(one);
  return all;
}

function flag(value: string): boolean {
  if (value !== 'true' && value !== 'false') throw new Error(`"${value}" is neither true nor false`);
  return value === 'true';
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

function level(value: string): LogLevel {
  const found = LEVELS.find((name) => name === value);
  if (!found) throw new Error(`"${value}" is none of ${LEVELS.join(', ')}`);
  return found;
}

function setting<T>(name: string, doc: string, read: (text: string) => T, more: Partial<Setting<T>> = {}): Setting<T> {
  return { env: `FLOTILLA_AGENT_${name}`, doc, read, default: undefined, ...more };
}

/** All settings of the agent. The configuration page and `--help` are generated from this. */
export const agentSettings = {
  joinAddresses: setting('JOIN_ADDRESS', 'host:port of the hub’s join listener; several, comma-separated.', addresses, {
    default: '',
  }),
  joinToken: setting('JOIN_TOKEN', 'One-time token of `flotilla cluster join`; needed until enrolled.', text, {
    secret: true,
  }),
  joinTokenFile: setting('JOIN_TOKEN_FILE', 'File with the join token.', text),
  hubAddresses: setting(
    'HUB_ADDRESS',
    'host:port of the hub’s agents listener; several, comma-separated (standbys). As told at enrolment without it.',
    addresses,
    { default: '' },
  ),
  kubeconfig: setting(
    'KUBECONFIG',
    'Kubeconfig file; without it as kubectl finds its own, or the Pod’s account.',
    text,
  ),
  context: setting('CONTEXT', 'Context of the kubeconfig; its current one without it.', text),
  namespace: setting('NAMESPACE', 'Where the agent keeps its identity, desired state, inventories and Lease.', text, {
    default: 'flotilla-system',
  }),
  impersonateOnly: setting('IMPERSONATE_ONLY', '`true`: apps without a service account are refused.', flag, {
    default: 'false',
  }),
  forbidKinds: setting('FORBID_KINDS', 'Kinds that no app may write here, as Kind or Kind.group.', list, {
    default: '',
  }),
  forbidNamespaces: setting('FORBID_NAMESPACES', 'Namespaces that no app may write to here.', list, { default: '' }),
  healthListen: setting('HEALTH_LISTEN', 'host:port for /healthz and /readyz; none without it.', address),
  logLevel: setting('LOG_LEVEL', 'debug, info, warn, error or silent.', level, { default: 'info' }),
} as const;
