/** One setting of the hub: its environment variable, how it is read, its default and what it means. */
export interface Setting<T> {
  readonly env: string;
  readonly doc: string;
  /** Text of the default as the documentation shows it; undefined when the setting is optional or required. */
  readonly default: string | undefined;
  readonly required?: boolean;
  /** Its value never appears in logs, errors or output. */
  readonly secret?: boolean;
  /** @throws Error saying what is wrong with the text. */
  read(text: string): T;
}

const text = (value: string): string => value;

function positive(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number <= 0) throw new Error(`"${value}" is not a whole number above 0`);
  return number;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function duration(value: string): number {
  const [, amount, unit] = /^(\d+)(ms|s|m|h)$/.exec(value) ?? [];
  const factor = UNITS[unit ?? ''];
  if (amount === undefined || factor === undefined) throw new Error(`"${value}" is not a duration such as 30s or 5m`);
  return Number(amount) * factor;
}

/** A place to listen on. Port 0 takes any free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

function listen(value: string): ListenAddress {
  const [, host, port] = /^(.+):(\d+)$/.exec(value) ?? [];
  if (host === undefined || Number(port) > 65_535) throw new Error(`"${value}" is not host:port`);
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

function list(value: string): readonly string[] {
  return value
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '');
}

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LEVELS)[number];

function level(value: string): LogLevel {
  const found = LEVELS.find((name) => name === value);
  if (!found) throw new Error(`"${value}" is none of ${LEVELS.join(', ')}`);
  return found;
}

// eslint-disable-next-line max-params -- the table below reads best in one line per setting
function setting<T>(env: string, doc: string, read: (text: string) => T, more: Partial<Setting<T>> = {}): Setting<T> {
  return { env, doc, read, default: undefined, ...more };
}

/** All settings of the hub. The configuration page is generated from this. */
export const hubSettings = {
  databaseUrl: setting('DATABASE_URL', 'Postgres connection URL (version 14 or later).', text, {
    required: true,
    secret: true,
  }),
  databasePool: setting('FLOTILLA_DATABASE_POOL', 'Connections to Postgres at most.', positive, { default: '10' }),
  dataDir: setting('FLOTILLA_DATA_DIR', 'Folder for Git mirrors, the hub key and the first admin token.', text, {
    default: './data',
  }),
  hubKeyFile: setting(
    'FLOTILLA_HUB_KEY_FILE',
    'File with the 32-byte key (base64) that seals what must rest in the database: the CA key and Secret content. Made at the first start when it is missing.',
    text,
    { default: '<data dir>/hub.key' },
  ),
  adminTokenFile: setting(
    'FLOTILLA_ADMIN_TOKEN_FILE',
    'File of the first admin token. One that is there is taken (a Secret, when several hubs run); else it is made and written there with mode 0600.',
    text,
    {
      default: '<data dir>/admin.token',
    },
  ),
  httpListen: setting('FLOTILLA_HTTP_LISTEN', 'Address of the REST API and web page.', listen, {
    default: '127.0.0.1:8080',
  }),
  httpTlsCertFile: setting(
    'FLOTILLA_HTTP_TLS_CERT_FILE',
    'Certificate (PEM) of the REST API; plain HTTP without it.',
    text,
  ),
  httpTlsKeyFile: setting('FLOTILLA_HTTP_TLS_KEY_FILE', 'Key (PEM) for that certificate.', text),
  publicUrl: setting('FLOTILLA_PUBLIC_URL', 'URL under which people reach the API; printed in messages.', text),
  joinListen: setting('FLOTILLA_JOIN_LISTEN', 'Address of the join listener (server TLS).', listen, {
    default: '127.0.0.1:8443',
  }),
  agentsListen: setting('FLOTILLA_AGENTS_LISTEN', 'Address of the agents listener (mutual TLS).', listen, {
    default: '127.0.0.1:8444',
  }),
  publicJoinAddress: setting(
    'FLOTILLA_PUBLIC_JOIN_ADDRESS',
    'host:port of the join listener as agents reach it.',
    text,
  ),
  publicAgentsAddress: setting(
    'FLOTILLA_PUBLIC_AGENTS_ADDRESS',
    'host:port of the agents listener as agents reach it.',
    text,
  ),
  peerListen: setting(
    'FLOTILLA_PEER_LISTEN',
    'Address at which the other hubs of this database reach this one, over TLS, to pass calls on to it while it leads.',
    listen,
    { default: '127.0.0.1:0' },
  ),
  peerAddress: setting(
    'FLOTILLA_PEER_ADDRESS',
    'host:port of that listener as the other hubs reach it; by default where it listens.',
    text,
  ),
  fleetUrl: setting('FLOTILLA_FLEET_URL', 'Git URL of the fleet source (https, ssh or file).', text, {
    required: true,
  }),
  fleetRef: setting('FLOTILLA_FLEET_REF', 'Branch of the fleet source.', text, { default: 'main' }),
  fleetTokenFile: setting(
    'FLOTILLA_FLEET_TOKEN_FILE',
    'File with the credentials for the fleet source: over https an access token, or lines `username=…` and `password=…`; over ssh a private key, with the host keys in a file of the same name and `.known_hosts`.',
    text,
  ),
  credentialsDir: setting(
    'FLOTILLA_CREDENTIALS_DIR',
    'Folder with the credentials of content sources: a file for each name that `spec.credentials` of a `Source` may have, for ssh also `NAME.known_hosts`; `credentials` in the data folder without it.',
    text,
  ),
  fleetStrict: setting(
    'FLOTILLA_FLEET_STRICT',
    '`true`: any problem freezes everything.',
    (value) => value === 'true',
    {
      default: 'false',
    },
  ),
  pollIntervalMs: setting('FLOTILLA_POLL_INTERVAL', 'How often sources are asked for new commits.', duration, {
    default: '30s',
  }),
  webhookSecretFile: setting(
    'FLOTILLA_WEBHOOK_SECRET_FILE',
    'File with the shared secret of the webhook, by which Git servers sign (GitHub, Gitea) or which they send (GitLab); without it the webhook needs an operator token.',
    text,
  ),
  heartbeatMs: setting(
    'FLOTILLA_HEARTBEAT',
    'Heartbeat of agents; three without one make a cluster unknown.',
    duration,
    {
      default: '10s',
    },
  ),
  leaseMs: setting('FLOTILLA_LEADER_LEASE', 'How long leadership lasts without renewal.', duration, { default: '10s' }),
  selectorFacts: setting(
    'FLOTILLA_SELECTOR_FACTS',
    'Facts stated by agents that selectors may use, comma-separated.',
    list,
    {
      default: '',
    },
  ),
  historyMs: setting('FLOTILLA_HISTORY', 'How long events of targets are kept.', duration, { default: '720h' }),
  rolloutHistoryMs: setting(
    'FLOTILLA_ROLLOUT_HISTORY',
    'How long ended rollouts are kept, with their decisions, evidence and acts. The newest rollout of each app always stays.',
    duration,
    { default: '9600h' },
  ),
  auditHistoryMs: setting('FLOTILLA_AUDIT_HISTORY', 'How long the audit log is kept.', duration, { default: '17520h' }),
  removalWindowMs: setting(
    'FLOTILLA_REMOVAL_WINDOW',
    'Time, as hubs observed it, over which targets that leave count together; when they are many, each is asked about whatever onDelete says.',
    duration,
    { default: '24h' },
  ),
  kustomizePath: setting('FLOTILLA_KUSTOMIZE', 'Path of kustomize, or of a kubectl that has it.', text),
  agentImage: setting(
    'FLOTILLA_AGENT_IMAGE',
    'Image of the agent in what `flotilla cluster join` prints, unless it is told another one.',
    text,
    { default: 'ghcr.io/flotilla-dev/agent:<version>' },
  ),
  logLevel: setting('FLOTILLA_LOG_LEVEL', 'debug, info, warn, error or silent.', level, { default: 'info' }),
} as const;
