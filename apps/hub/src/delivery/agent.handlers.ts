import type { ServerDuplexStream, ServerUnaryCall, ServerWritableStream, sendUnaryData } from '@grpc/grpc-js';
import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@flotilla/domain';
import { wire } from '@flotilla/protocol';
import type { CertificateIdentity } from '../clusters/index.js';
import { AuthorityService, IdentityService, readIdentity } from '../clusters/index.js';
import { HubEvents } from '../events/index.js';
import { Logger } from '../logging/index.js';
import type { AgentSession } from './agent-session.js';
import { FetchService } from './fetch.service.js';
import { toServiceError } from './grpc-status.js';
import { RateLimit } from './rate-limit.js';
import { HeldVersions } from './held-versions.service.js';
import { SessionOpener } from './open-session.service.js';
import { OpeningTurns } from './opening-turns.js';
import { Outbox } from './outbox.js';
import { Publisher } from './publisher.service.js';
import { SessionServer } from './serve-session.service.js';
import { SessionRegistry } from './session-registry.service.js';
import { SessionRepository } from './session.repository.js';

const HELLO_MS = 10_000;
/** Sessions of one identity: enough for restarts, too little for two agents that push each other out. */
const OPENINGS = { burst: 10, perSecond: 0.2 };

type ConnectStream = ServerDuplexStream<wire.ConnectRequest, wire.ConnectResponse>;

/** AgentService of the wire, behind mutual TLS. */
@Injectable()
export class AgentHandlers {
  private readonly openings = new RateLimit(OPENINGS);
  private readonly turns = new OpeningTurns();
  private readonly running = new Set<Promise<void>>();

  constructor(
    @Inject(SessionOpener) private readonly opener: SessionOpener,
    @Inject(SessionServer) private readonly server: SessionServer,
    @Inject(SessionRegistry) private readonly sessions: SessionRegistry,
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(Publisher) private readonly publisher: Publisher,
    @Inject(HeldVersions) private readonly held: HeldVersions,
    @Inject(FetchService) private readonly fetches: FetchService,
    @Inject(IdentityService) private readonly identities: IdentityService,
    @Inject(AuthorityService) private readonly authority: AuthorityService,
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  get service(): typeof wire.AgentServiceService {
    return wire.AgentServiceService;
  }

  /** The functions that gRPC calls. */
  handlers(): wire.AgentServiceServer {
    return {
      connect: (call) => this.track(this.connect(call)),
      renew: (call, reply) => void this.renew(call, reply),
      fetchContent: (call) => void this.stream(call, (identity) => this.fetches.contents(call, identity)),
      fetchManifests: (call) => void this.stream(call, (identity) => this.fetches.manifests(call, identity)),
    };
  }

  /** Resolves when every session that was open has been taken leave of. */
  async drained(): Promise<void> {
    await Promise.all(this.running);
    await this.held.written();
  }

  private track(session: Promise<void>): void {
    this.running.add(session);
    void session.finally(() => this.running.delete(session));
  }

  private async connect(call: ConnectStream): Promise<void> {
    const outbox = new Outbox(call);
    const messages = call[Symbol.asyncIterator]() as AsyncIterator<wire.ConnectRequest>;
    const silent = setTimeout(() => outbox.close({ reason: 'protocol', message: 'no Hello' }), HELLO_MS);
    let session: AgentSession | undefined;
    try {
      const first = await messages.next();
      clearTimeout(silent);
      const hello = first.done ? undefined : first.value.message;
      if (hello?.$case !== 'hello') throw new Fault('badInput', 'a session starts with Hello');
      session = await this.open(hello.value, call, outbox);
      if (!session) return;
      this.publisher.publish([session.clusterId]);
      await this.server.serve(session, messages);
    } catch (error) {
      this.fail(outbox, error, session);
    } finally {
      clearTimeout(silent);
      if (session)
        await this.leave(session).catch((error: unknown) => this.log.error({ err: error }, 'session not closed'));
      outbox.close({ reason: 'protocol', message: 'the stream has ended' });
    }
  }

  private async open(hello: wire.Hello, call: ConnectStream, outbox: Outbox): Promise<AgentSession | undefined> {
    const identity = identityOf(call);
    if (!this.openings.take(identity.clusterUid)) {
      outbox.close({ reason: 'rateLimited', message: 'too many sessions: is another agent using this identity?' });
      return undefined;
    }
    const caller = { identity, from: call.getPeer(), outbox, cut: () => call.destroy() };
    const opened = await this.turns.take(async () => {
      // Who has hung up meanwhile costs nothing more.
      return call.cancelled ? {} : { session: await this.opener.open(hello, caller) };
    });
    if (opened === undefined) outbox.close({ reason: 'protocol', message: 'the hub is busy; connect again' });
    return opened?.session;
  }

  private fail(outbox: Outbox, error: unknown, session: AgentSession | undefined): void {
    if (isDisconnect(error)) return;
    const fault = error instanceof Fault ? error : undefined;
    const told = { cluster: session?.clusterName, err: fault ? fault.message : error };
    if (fault?.kind === 'rejected') this.log.warn(told, 'session ended: the agent does not keep to the protocol');
    else this.log.error(told, 'session ended by a failure of the hub');
    outbox.close({ reason: 'protocol', message: fault?.message ?? 'the hub failed; connect again' });
  }

  private async leave(session: AgentSession): Promise<void> {
    const wasLatest = this.sessions.close(session);
    session.close('protocol', 'the stream has ended');
    if (!wasLatest) return;
    const { silentForMs } = session;
    await this.repository.close(session.clusterId, session.id, silentForMs);
    this.events.emit('sessionClosed', { clusterId: session.clusterId, sessionId: session.id, silentForMs });
    this.log.info({ cluster: session.clusterName, session: session.id }, 'agent disconnected');
  }

  private async renew(
    call: ServerUnaryCall<wire.RenewRequest, wire.RenewResponse>,
    reply: sendUnaryData<wire.RenewResponse>,
  ): Promise<void> {
    try {
      const certificate = await this.identities.renew(identityOf(call), call.request.csr);
      reply(null, { certificate, trust: { authorities: [...this.authority.trustBundle] } });
    } catch (error) {
      reply(toServiceError(error));
    }
  }

  private async stream<Q, R>(
    call: ServerWritableStream<Q, R>,
    send: (identity: CertificateIdentity) => Promise<void>,
  ): Promise<void> {
    try {
      await send(identityOf(call));
      call.end();
    } catch (error) {
      if (!isDisconnect(error)) call.emit('error', toServiceError(error));
    }
  }
}

/** @throws Fault unauthenticated when the certificate names no cluster. */
function identityOf(call: Pick<ConnectStream, 'getAuthContext'>): CertificateIdentity {
  const certificate = call.getAuthContext().sslPeerCertificate;
  const identity = certificate && readIdentity(certificate);
  if (!identity) throw new Fault('unauthenticated', 'the certificate names no cluster');
  return identity;
}

function isDisconnect(error: unknown): boolean {
  const code = (error as { code?: unknown } | undefined)?.code;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ABORT_ERR' || code === 'ERR_STREAM_DESTROYED';
}
