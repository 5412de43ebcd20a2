import type { AddressInfo } from 'node:net';
import type { TLSSocket, Server as TlsServer } from 'node:tls';
import { createServer } from 'node:tls';
import type { ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { SERVER_OPTIONS } from '@flotilla/protocol';
import type { ServingCertificate } from '../clusters/index.js';
import type { ListenAddress } from '../config/index.js';

const HANDSHAKE_MS = 10_000;
const CLOSE_MS = 2_000;

export interface ListenerOptions {
  readonly listen: ListenAddress;
  readonly serving: ServingCertificate;
  /** PEM of the authorities whose clients are let in; empty when clients need no certificate. */
  readonly clientAuthorities: readonly string[];
  readonly service: ServiceDefinition;
  readonly handlers: UntypedServiceImplementation;
  /** Connections at the same time; the rest is turned away before the handshake. */
  readonly maxConnections: number;
  /** A certificate was refused: there is none, it is foreign, or out of its time. */
  readonly onRefused: (from: string, reason: string) => void;
}

/**
 * A gRPC listener whose TLS is ours: grpc-js would swallow failed handshakes, and a caller without certificate or with a
 * foreign one must leave a trace. Sockets are handed to the gRPC server after the handshake only.
 */
export class TlsListener implements AsyncDisposable {
  private constructor(
    private readonly tls: TlsServer,
    private readonly grpc: Server,
    private readonly sockets: Set<TLSSocket>,
  ) {}

  /** @throws Error when the address cannot be had. */
  static async open(options: ListenerOptions): Promise<TlsListener> {
    const grpc = new Server(SERVER_OPTIONS);
    grpc.addService(options.service, options.handlers);
    const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
    const sockets = new Set<TLSSocket>();
    const tls = createTlsServer(options);
    tls.on('secureConnection', (socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      // A peer that resets its connection is no event: its session ends, and that is seen.
      socket.on('error', () => socket.destroy());
      socket.setNoDelay(true);
      injector.injectConnection(socket);
    });
    await listen(tls, options.listen);
    return new TlsListener(tls, grpc, sockets);
  }

  get port(): number {
    return (this.tls.address() as AddressInfo).port;
  }

  /** New connections get this certificate; the present ones go on. */
  serve(serving: ServingCertificate, clientAuthorities: readonly string[]): void {
    this.tls.setSecureContext(contextOf({ serving, clientAuthorities }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.tls.close(() => resolve()));
    const drained = new Promise<void>((resolve) => this.grpc.tryShutdown(() => resolve()));
    const timer = setTimeout(() => this.cut(), CLOSE_MS);
    await Promise.race([drained, closed]);
    clearTimeout(timer);
    this.cut();
    await closed;
  }

  private cut(): void {
    this.grpc.forceShutdown();
    for (const socket of this.sockets) socket.destroy();
  }
}

function createTlsServer(options: ListenerOptions): TlsServer {
  const mutual = options.clientAuthorities.length > 0;
  const tls = createServer({
    ...contextOf(options),
    ALPNProtocols: ['h2'],
    requestCert: mutual,
    rejectUnauthorized: mutual,
    handshakeTimeout: HANDSHAKE_MS,
  });
  tls.maxConnections = options.maxConnections;
  tls.on('tlsClientError', (error, socket) => {
    const reason = explain(error, socket);
    if (reason !== undefined) options.onRefused(addressOf(socket), reason);
  });
  return tls;
}

function contextOf({ serving, clientAuthorities }: Pick<ListenerOptions, 'serving' | 'clientAuthorities'>): object {
  return {
    key: serving.key,
    cert: serving.certificate,
    minVersion: 'TLSv1.3',
    ...(clientAuthorities.length > 0 ? { ca: [...clientAuthorities] } : {}),
  };
}

function listen(tls: TlsServer, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    tls.once('error', reject);
    tls.listen(port, host, () => {
      tls.off('error', reject);
      resolve();
    });
  });
}

function addressOf(socket: TLSSocket): string {
  return `${socket.remoteAddress ?? 'unknown'}:${socket.remotePort ?? 0}`;
}

const REASONS: Readonly<Record<string, string>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'no client certificate',
  CERT_HAS_EXPIRED: 'the client certificate has expired',
  CERT_NOT_YET_VALID: 'the client certificate is not valid yet',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the client certificate comes from a foreign authority',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the client certificate comes from a foreign authority',
  UNABLE_TO_GET_ISSUER_CERT: 'the client certificate comes from a foreign authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'the client certificate comes from a foreign authority',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the client certificate comes from a foreign authority',
  CERT_SIGNATURE_FAILURE: 'the client certificate comes from a foreign authority',
};

/**
 * Node ends a connection whose certificate it refuses without an error of its own: the socket knows the reason. Handshakes
 * that fail for another reason are health checks and scans: no news.
 */
function explain(error: Error & { code?: string }, socket: TLSSocket): string | undefined {
  return REASONS[String(socket.authorizationError ?? error.code)];
}
