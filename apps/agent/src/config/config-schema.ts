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

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

function duration(value: string): number {
  const [, amount, unit = ''] = /^(\d+)(ms|s|m)$/.exec(value) ?? [];
  const factor = UNITS[unit];
  if (factor === undefined || Number(amount) === 0)
    throw new Error(`"${value}" is not a duration such as 500ms or 30s`);
  return Number(amount) * factor;
}

const LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error', 'silent'];

function level(value: string): LogLevel {
  const found = LEVELS.find((name) => name === value);
  if (!found) throw new Error(`"${value}" is none of ${LEVELS.join(', ')}`);
  return found;
}

/** A setting without a default, unless `more` gives one. */
function setting<T>(name: string, read: (text: string) => T, more: { doc: string } & Partial<Setting<T>>): Setting<T> {
  return { env: `FLOTILLA_AGENT_${name}`, read, default: undefined, ...more };
}

/** All settings of the agent. The configuration page and `--help` are generated from this. */
export const agentSettings = {
  joinAddresses: setting('JOIN_ADDRESS', addresses, {
    doc: 'host:port of the hub’s join listener; several, comma-separated.',
    default: '',
  }),
  joinToken: setting('JOIN_TOKEN', text, {
    doc: 'One-time token of `flotilla cluster join`; needed until enrolled.',
    secret: true,
  }),
  joinTokenFile: setting('JOIN_TOKEN_FILE', text, { doc: 'File with the join token.' }),
  hubAddresses: setting('HUB_ADDRESS', addresses, {
    doc: 'host:port of the hub’s agents listener; several, comma-separated (standbys). As told at enrolment without it.',
    default: '',
  }),
  reconnectMaxMs: setting('RECONNECT_MAX', duration, {
    doc: 'Longest wait between two tries to reach the hub. The hub says over how long its fleet should spread its return (1 s for a small fleet, 25 s for 5,000 clusters); the smaller of both holds.',
    default: '30s',
  }),
  kubeconfig: setting('KUBECONFIG', text, {
    doc: 'Kubeconfig file; without it as kubectl finds its own, or the Pod’s account.',
  }),
  context: setting('CONTEXT', text, { doc: 'Context of the kubeconfig; its current one without it.' }),
  namespace: setting('NAMESPACE', text, {
    doc: 'Where the agent keeps its identity, desired state, inventories and Lease.',
    default: 'flotilla-system',
  }),
  pod: setting('POD', text, {
    doc: 'UID of the Pod it runs in, by which a restarted container knows its predecessor’s Lease. Manifest and chart set it.',
  }),
  impersonateOnly: setting('IMPERSONATE_ONLY', flag, {
    doc: '`true`: apps without a service account are refused.',
    default: 'false',
  }),
  forbidKinds: setting('FORBID_KINDS', list, {
    doc: 'Kinds that no app may write here, as Kind or Kind.group.',
    default: '',
  }),
  forbidNamespaces: setting('FORBID_NAMESPACES', list, {
    doc: 'Namespaces that no app may write to here.',
    default: '',
  }),
  healthListen: setting('HEALTH_LISTEN', address, {
    doc: 'host:port for /healthz, /readyz and /metrics; none without it.',
  }),
  logLevel: setting('LOG_LEVEL', level, { doc: 'debug, info, warn, error or silent.', default: 'info' }),
} as const;
