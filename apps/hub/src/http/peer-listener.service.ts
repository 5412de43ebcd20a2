import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server } from 'node:https';
import { createServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { hostname } from 'node:os';
import type { OnModuleDestroy } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { AuthorityService } from '../clusters/index.js';
import { HubConfig } from '../config/index.js';
import { PEER_NAME } from './upstream-call.js';

/** Certificates live 90 days. */
const RENEW_MS = 24 * 3_600_000;

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** Serves the REST API to the other hubs of this database, over TLS with a certificate of the hubs' own authority. */
@Injectable()
export class PeerListener implements OnModuleDestroy {
  private server: Server | undefined;
  /** Those that still shake hands too: `closeAllConnections` of Node does not know them, and `close` waits for them. */
  private readonly sockets = new Set<Socket>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(HubConfig) private readonly config: HubConfig,
    @Inject(AuthorityService) private readonly authority: AuthorityService,
  ) {}

  /** Begins to listen. Resolves with the address (`host:port`) that other hubs shall use. */
  async open(handler: Handler): Promise<string> {
    const server = createServer({ ...(await this.context()), minVersion: 'TLSv1.3' }, handler);
    this.server = server;
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
    const { host, port } = this.config.settings.peerListen;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, resolve);
    });
    this.timer = setInterval(() => void this.renew().catch(() => undefined), RENEW_MS);
    this.timer.unref();
    return this.config.settings.peerAddress ?? `${reachable(host)}:${(server.address() as AddressInfo).port}`;
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    const { server } = this;
    if (!server?.listening) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private async renew(): Promise<void> {
    this.server?.setSecureContext(await this.context());
  }

  private async context(): Promise<{ key: string; cert: string }> {
    const { key, certificate } = await this.authority.issueServing([PEER_NAME]);
    return { key, cert: certificate };
  }
}

function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return hostname();
  return host.includes(':') ? `[${host}]` : host;
}
