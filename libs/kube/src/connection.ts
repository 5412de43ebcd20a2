import { Agent } from 'node:https';
import type { RequestOptions } from 'node:https';
import { createSecureContext } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { Fault } from '@flotilla/domain';

const CREDENTIALS_LIVE_MS = 60_000;
const IDLE_SOCKET_MS = 60_000;

/** Where and as whom to call: server, TLS material and authorization, kept fresh as kubeconfig says (files, exec, tokens). */
export class Connection {
  private options: RequestOptions = {};
  private refreshAt = 0;
  private closed = false;
  private refreshing: Promise<void> | undefined;
  private agents: { calls: Agent; watches: Agent; identity: string } | undefined;
  readonly server: URL;

  private constructor(
    private readonly config: KubeConfig,
    private readonly maxSockets: number,
  ) {
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Fault('badInput', 'the kubeconfig has no current cluster', 'name a context');
    this.server = new URL(server);
  }

  /** From a kubeconfig file; `context` empty or left out means its current one. */
  static fromFile(file: string, options: { context?: string; maxSockets?: number } = {}): Connection {
    const config = new KubeConfig();
    config.loadFromFile(file);
    if (options.context !== undefined && options.context !== '') config.setCurrentContext(options.context);
    return new Connection(config, options.maxSockets ?? 16);
  }

  /** From the service account of the Pod that this process runs in. */
  static fromCluster(options: { maxSockets?: number } = {}): Connection {
    const config = new KubeConfig();
    config.loadFromCluster();
    return new Connection(config, options.maxSockets ?? 16);
  }

  /** As kubectl finds it: `KUBECONFIG`, the home folder, or the Pod's account. */
  static fromDefault(options: { context?: string; maxSockets?: number } = {}): Connection {
    const config = new KubeConfig();
    config.loadFromDefault();
    if (options.context !== undefined && options.context !== '') config.setCurrentContext(options.context);
    return new Connection(config, options.maxSockets ?? 16);
  }

  /** Options of one request, with a keep-alive agent. Watches have their own sockets, so that they never starve calls. */
  async requestOptions(use: 'calls' | 'watches'): Promise<RequestOptions> {
    if (!this.closed && performance.now() >= this.refreshAt) await (this.refreshing ??= this.refresh());
    if (this.closed) throw new Fault('unavailable', 'the client is closed');
    return { ...this.options, agent: this.agents?.[use] };
  }

  /** Forgets the credentials after a 401: the next request reads them anew. */
  expire(): void {
    this.refreshAt = 0;
  }

  /** Breaks off what is under way; later calls fail. */
  close(): void {
    this.closed = true;
    this.agents?.calls.destroy();
    this.agents?.watches.destroy();
    this.agents = undefined;
  }

  private async refresh(): Promise<void> {
    try {
      const options: RequestOptions = {};
      await this.config.applyToHTTPSOptions(options);
      if (this.closed) return;
      const proxied = this.config.getCurrentCluster()?.proxyUrl !== undefined ? (options.agent as Agent) : undefined;
      this.useAgents(options, proxied);
      delete options.agent;
      this.options = proxied === undefined ? withoutSecrets(options) : options;
      this.refreshAt = performance.now() + CREDENTIALS_LIVE_MS;
    } finally {
      this.refreshing = undefined;
    }
  }

  private useAgents(options: RequestOptions, proxied: Agent | undefined): void {
    const { ca, cert, key, passphrase, pfx, rejectUnauthorized, servername } = options;
    const identity = [ca, cert, key].map(String).join('|');
    if (this.agents?.identity === identity) return;
    // Certificates are read once, not for each of a hundred watches.
    const secureContext = createSecureContext({ ca, cert, key, passphrase, pfx });
    const tls = { secureContext, rejectUnauthorized, servername };
    const shared = {
      ...tls,
      keepAlive: true,
      keepAliveMsecs: 30_000,
      timeout: IDLE_SOCKET_MS,
      scheduling: 'lifo' as const,
    };
    const calls = proxied ?? new Agent({ ...shared, maxSockets: this.maxSockets, maxFreeSockets: 4 });
    const watches = proxied ?? new Agent({ ...tls, keepAlive: false });
    this.agents = { calls, watches, identity };
  }
}

/** What the agents hold already: a request that brings it again would have its certificates read again. */
function withoutSecrets(options: RequestOptions): RequestOptions {
  const { ca: _ca, cert: _cert, key: _key, passphrase: _passphrase, pfx: _pfx, ...rest } = options;
  return rest;
}
