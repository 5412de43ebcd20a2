import { Inject, Injectable } from '@nestjs/common';
import type { CustomTransportStrategy } from '@nestjs/microservices';
import { Server } from '@nestjs/microservices';
import { HUB_SERVER_NAME } from '@flotilla/protocol';
import type { ListenerName, ServingCertificate } from '../clusters/index.js';
import { AuthorityService, PublicAddresses, RefusalLog } from '../clusters/index.js';
import { HubConfig } from '../config/index.js';
import { AgentHandlers } from './agent.handlers.js';
import { JoinHandlers } from './join.handlers.js';
import { SessionKeeper } from './session-keeper.service.js';
import { TlsListener } from './tls-listener.js';

const MAX_AGENT_CONNECTIONS = 20_000;
const MAX_JOIN_CONNECTIONS = 500;
const RENEW_SERVING_MS = 24 * 3_600_000;

/**
 * The two gRPC listeners as a transport of Nest. Its own gRPC transport neither pauses incoming messages nor bounds
 * outgoing ones, so the handlers run on grpc-js directly (design/wire.md).
 */
@Injectable()
export class DeliveryStrategy extends Server implements CustomTransportStrategy {
  private readonly listeners = new Map<ListenerName, TlsListener>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(HubConfig) private readonly config: HubConfig,
    @Inject(AuthorityService) private readonly authority: AuthorityService,
    @Inject(PublicAddresses) private readonly addresses: PublicAddresses,
    @Inject(RefusalLog) private readonly refusals: RefusalLog,
    @Inject(AgentHandlers) private readonly agents: AgentHandlers,
    @Inject(JoinHandlers) private readonly joins: JoinHandlers,
    @Inject(SessionKeeper) private readonly keeper: SessionKeeper,
  ) {
    super();
  }

  /** @throws through the callback when a port cannot be had. */
  listen(callback: (error?: unknown) => void): void {
    this.open().then(() => callback(), callback);
  }

  private async open(): Promise<void> {
    const { joinListen, agentsListen } = this.config.settings;
    const serving = await this.issueServing();
    const shared = { serving, onRefused: (from: string, reason: string) => this.refuse(from, reason) };
    const join = await TlsListener.open({
      ...shared,
      listen: joinListen,
      clientAuthorities: [],
      service: this.joins.service,
      handlers: this.joins.handlers(),
      maxConnections: MAX_JOIN_CONNECTIONS,
    });
    this.keep('join', join);
    const agents = await TlsListener.open({
      ...shared,
      listen: agentsListen,
      clientAuthorities: this.clientAuthorities(),
      service: this.agents.service,
      handlers: this.agents.handlers(),
      maxConnections: MAX_AGENT_CONNECTIONS,
    });
    this.keep('agents', agents);
    this.timer = setInterval(() => void this.renewServing(), RENEW_SERVING_MS);
    this.timer.unref();
  }

  private keep(name: ListenerName, listener: TlsListener): void {
    this.listeners.set(name, listener);
    this.addresses.bind(name, listener.port);
  }

  private async renewServing(): Promise<void> {
    const serving = await this.issueServing();
    this.listeners.get('join')?.serve(serving, []);
    this.listeners.get('agents')?.serve(serving, this.clientAuthorities());
  }

  private issueServing(): Promise<ServingCertificate> {
    return this.authority.issueServing([HUB_SERVER_NAME, ...this.addresses.hosts]);
  }

  private clientAuthorities(): string[] {
    return this.authority.trustPem;
  }

  private refuse(from: string, reason: string): void {
    const address = from.replace(/:\d+$/, '');
    void this.refusals.record({ action: 'cluster.connect', subject: address, reason, from });
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.keeper.closeAll('shutdown', 'the hub shuts down');
    await Promise.all([...this.listeners.values()].map((listener) => listener[Symbol.asyncDispose]()));
    this.listeners.clear();
    await this.agents.drained();
  }

  /** Nest's hooks for brokers: this transport has no events of its own. */
  on(): void {
    // Nothing to listen to.
  }

  unwrap<T>(): T {
    return this.listeners as T;
  }
}
