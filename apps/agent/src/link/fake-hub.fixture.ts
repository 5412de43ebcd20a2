import 'reflect-metadata';
import type { ServerDuplexStream, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { Server, status } from '@grpc/grpc-js';
import type { AppEntry, KubeObject, ManifestEntry, Policy } from '@flotilla/domain';
import {
  canonicalJson,
  diffDesiredState,
  hashDesiredState,
  manifestDigest,
  objectId,
  policyDigest,
  refOf,
} from '@flotilla/domain';
import type { JoinToken } from '@flotilla/protocol';
import {
  fromWireDigest,
  fromWireEntry,
  fromWireReport,
  fromWireVersion,
  pinOf,
  printJoinToken,
  SERVER_OPTIONS,
  tokenForHub,
  toWireContent,
  toWireManifest,
  toWirePolicy,
  toWirePublication,
  wire,
  wireJoin,
} from '@flotilla/protocol';
import * as x509 from '@peculiar/x509';
import { verify, X509Certificate } from 'node:crypto';
import type { Authority } from './test-authority.fixture.js';
import { issue, makeAuthority, serverCredentials, serverPair } from './test-authority.fixture.js';

type Stream = ServerDuplexStream<wire.ConnectRequest, wire.ConnectResponse>;
type Received = NonNullable<wire.ConnectRequest['message']>;
type Sent = NonNullable<wire.ConnectResponse['message']>;

/** One session as the fake hub sees it. */
export class FakeSession {
  readonly received: Received[] = [];
  constructor(private readonly stream: Stream) {}

  send(message: Sent): void {
    this.stream.write({ message });
  }

  end(): void {
    this.stream.end();
  }

  of<C extends Received['$case']>(kind: C): Extract<Received, { $case: C }>['value'][] {
    return this.received.flatMap((message) => (message.$case === kind ? [message.value as never] : []));
  }
}

/** An app to run, for tests: objects and policy in, entry out. */
export interface FakeApp {
  readonly app: string;
  readonly objects: readonly KubeObject[];
  readonly more?: Partial<AppEntry>;
}

/** A hub that speaks the wire as wire.md says and decides nothing: tests tell it what to publish. */
export class FakeHub implements AsyncDisposable {
  readonly sessions: FakeSession[] = [];
  readonly fetched: string[] = [];
  token: JoinToken;
  /** Answers Hello with Goodbye for this reason, unless empty. */
  goodbye = '';
  renewals = 0;
  /** Serials of the certificates that sessions were opened with. */
  readonly serials: string[] = [];
  joinAddress = '';
  agentsAddress = '';
  /** What the hub wants the cluster to run; published to each session by `publish`, and in answer to Hello. */
  wanted: readonly AppEntry[] = [];
  version = { generation: 1, number: 0 };
  epoch = 1;
  certificateLifeMs = 3_600_000;
  heartbeatMs = 10_000;
  /** What it asks its fleet for; 0: an older hub. */
  reconnectMs = 0;
  reportsKnown = false;
  /** Answers reports; off to test resending. */
  storeReports = true;
  /** Issues the next certificate, but the answer never arrives. */
  loseNextEnrolment = false;
  /** Why an expired certificate is not renewed, unless empty. */
  refuseRenewals = '';
  beforeWelcome: () => void = () => undefined;
  onEnrol: (token: string) => void = () => undefined;
  /** Public keys (base64) of all enrolments. */
  readonly enrolledKeys: string[] = [];
  private readonly contents = new Map<string, wire.Content>();
  private readonly manifests = new Map<string, wire.Manifest>();
  private readonly policies = new Map<string, wire.PolicyBody>();
  private readonly servers: Server[] = [];

  private constructor(
    readonly authority: Authority,
    pin: string,
  ) {
    this.token = { id: 'tok', secret: 'open-sesame', pin };
  }

  static async start(authority?: Authority): Promise<FakeHub> {
    const ca = authority ?? (await makeAuthority());
    const hub = new FakeHub(ca, pinOf(new Uint8Array(ca.certificate.rawData)));
    hub.joinAddress = await hub.listen(wireJoin.JoinServiceService, hub.joinService(), false);
    hub.agentsAddress = await hub.listen(wire.AgentServiceService, hub.agentService(), true);
    return hub;
  }

  get printedToken(): string {
    return printJoinToken(this.token);
  }

  /** Makes another token the valid one. */
  newToken(): string {
    this.token = { ...this.token, id: `${this.token.id}2` };
    return this.printedToken;
  }

  get session(): FakeSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error('no session yet');
    return session;
  }

  /** Makes the content of an app and returns its entry. */
  entry({ app, objects, more = {} }: FakeApp, policy: Policy): AppEntry {
    const entries = objects.map((object) => this.offer(object, this.textOf(object)));
    return this.entryFor({ app, entries, more }, policy);
  }

  /** An app whose one object's content is a text that need not be the object. */
  entryOfText({ app, text, object }: { app: string; text: string; object: KubeObject }, policy: Policy): AppEntry {
    return this.entryFor({ app, entries: [this.offer(object, text)], more: {} }, policy);
  }

  textOf(object: KubeObject): string {
    return canonicalJson(object);
  }

  /** Ids of an app's objects. */
  idsOf(entry: AppEntry): [string, ...string[]] {
    const manifest = this.manifests.get(entry.bundle);
    return (manifest?.entries ?? []).map(({ objectId: id }) => id.toString('hex')) as [string, ...string[]];
  }

  private offer(object: KubeObject, text: string): ManifestEntry {
    const id = objectId(text, '');
    this.contents.set(id, toWireContent({ id, salt: '', text }));
    return { objectId: id, apiVersion: object.apiVersion, ref: refOf(object) };
  }

  private entryFor(
    { app, entries, more }: { app: string; entries: readonly ManifestEntry[]; more: Partial<AppEntry> },
    policy: Policy,
  ): AppEntry {
    const bundle = manifestDigest(entries);
    this.manifests.set(bundle, toWireManifest(entries));
    const digest = policyDigest(policy);
    this.policies.set(digest, toWirePolicy({ digest, text: canonicalJson(policy as never) }));
    const plain = {
      life: 'active',
      mode: 'manage',
      pendingBundle: undefined,
      approvedDeletions: [],
      suspendedUntil: 0,
    } as const;
    return { app, bundle, policy: digest, ...plain, retry: 0, since: this.version, ...more };
  }

  /** The publication that leads from what the agent holds to what is wanted. */
  publication(held: readonly AppEntry[]): wire.DesiredState {
    const hash = hashDesiredState(this.wanted);
    const delta = diffDesiredState(held, this.wanted);
    const baseHash = hashDesiredState(held);
    return toWirePublication({ version: this.version, epoch: this.epoch, hash, baseHash, delta });
  }

  /** Sends what is wanted as the next version. */
  publish(held: readonly AppEntry[], wanted: readonly AppEntry[]): void {
    this.wanted = wanted;
    this.version = { ...this.version, number: this.version.number + 1 };
    this.session.send({ $case: 'desiredState', value: this.publication(held) });
  }

  corrupt(id: string, body: string): void {
    const content = this.contents.get(id);
    if (content === undefined) throw new Error('no such content');
    const objectIdBytes = Buffer.from(id, 'hex');
    this.contents.set(id, {
      ...content,
      objectId: objectIdBytes,
      compression: wire.Compression.COMPRESSION_NONE,
      body: Buffer.from(body),
    });
  }

  /** TLS material of a server that presents this hub's authority, but whose own certificate another one issued. */
  async imposter(): Promise<{ key: string; cert: string }> {
    const other = await makeAuthority();
    const { key, certificate } = await serverPair(other);
    return { key, cert: [certificate, this.authority.certificate].map((one) => one.toString('pem')).join('\n') };
  }

  dropContent(id: string): void {
    this.contents.delete(id);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const server of this.servers) server.forceShutdown();
    await Promise.resolve();
  }

  private async listen(
    service: ServiceDefinition,
    implementation: UntypedServiceImplementation,
    mutual: boolean,
  ): Promise<string> {
    const server = new Server(SERVER_OPTIONS);
    server.addService(service, implementation);
    const credentials = await serverCredentials(this.authority, mutual);
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    this.servers.push(server);
    return `127.0.0.1:${port}`;
  }

  async certify(csr: Uint8Array): Promise<{ certificate: Buffer; trust: wireJoin.TrustBundle }> {
    const request = new x509.Pkcs10CertificateRequest(csr);
    if (!(await request.verify())) throw new Error('bad signature');
    const names: x509.JsonGeneralNames = [{ type: 'url', value: 'flotilla://cluster/c-1' }];
    const lifeMs = this.certificateLifeMs;
    const certificate = await issue(this.authority, { publicKey: request.publicKey, usage: 'client', names, lifeMs });
    const authorities = [Buffer.from(this.authority.certificate.rawData)];
    return { certificate: Buffer.from(certificate.rawData), trust: { authorities } };
  }

  private joinService(): wireJoin.JoinServiceServer {
    return {
      enroll: (call, done) => {
        this.onEnrol(call.request.token);
        if (call.request.token !== tokenForHub(this.token)) {
          done({ code: status.UNAUTHENTICATED, details: 'the join token is not known' });
          return;
        }
        const named = { clusterId: 'c-1', clusterName: 'eu-1', agentsAddress: this.agentsAddress };
        this.enrolledKeys.push(
          Buffer.from(new x509.Pkcs10CertificateRequest(call.request.csr).publicKey.rawData).toString('base64'),
        );
        if (this.loseNextEnrolment) {
          this.loseNextEnrolment = false;
          done({ code: status.UNAVAILABLE, details: 'connection lost' });
          return;
        }
        this.certify(call.request.csr).then((issued) => done(null, { ...named, ...issued }), done);
      },
      renewExpired: (call, done) => {
        if (this.refuseRenewals !== '') return done({ code: status.UNAUTHENTICATED, details: this.refuseRenewals });
        const { certificate, csr, proof } = call.request;
        const proven = verify('sha256', csr, new X509Certificate(certificate).publicKey, proof);
        this.renewals += proven ? 1 : 0;
        this.certificateLifeMs = 3_600_000;
        this.certify(call.request.csr).then((issued) => done(null, issued), done);
      },
    };
  }

  private agentService(): wire.AgentServiceServer {
    return {
      connect: (stream) => this.connect(stream),
      fetchContent: (call) => {
        const ids = call.request.objectIds.map(fromWireDigest);
        this.fetched.push(...ids);
        for (const id of ids) {
          const content = this.contents.get(id);
          if (content !== undefined) call.write({ contents: [content] });
        }
        call.end();
      },
      fetchManifests: (call) => {
        const manifests = call.request.bundles
          .map(fromWireDigest)
          .flatMap((digest) => this.manifests.get(digest) ?? []);
        const policies = call.request.policies.map(fromWireDigest).flatMap((digest) => this.policies.get(digest) ?? []);
        call.write({ manifests, policies });
        call.end();
      },
      renew: (call, done) => {
        this.renewals += 1;
        this.certificateLifeMs = 3_600_000;
        this.certify(call.request.csr).then((issued) => done(null, issued), done);
      },
    };
  }

  private connect(stream: Stream): void {
    const session = new FakeSession(stream);
    const { serialNumber = '' } = stream.getAuthContext().sslPeerCertificate ?? {};
    this.serials.push(serialNumber);
    this.sessions.push(session);
    stream.on('error', () => undefined);
    stream.on('end', () => stream.end());
    stream.on('data', ({ message }: wire.ConnectRequest) => {
      if (message === undefined) return;
      session.received.push(message);
      if (message.$case === 'hello') this.greet(session, message.value);
      if (message.$case === 'report' && this.storeReports) {
        session.send({ $case: 'reportStored', value: { sequence: BigInt(fromWireReport(message.value).sequence) } });
      }
    });
  }

  private greet(session: FakeSession, hello: wire.Hello): void {
    if (this.goodbye !== '') {
      session.send({ $case: 'goodbye', value: { reason: this.goodbye, message: 'as the test says' } });
      session.end();
      return;
    }
    const held = hello.apps.map(fromWireEntry);
    this.beforeWelcome();
    session.send({
      $case: 'welcome',
      value: {
        sessionId: `s-${this.sessions.length}`,
        clusterId: 'c-1',
        clusterName: 'eu-1',
        epoch: BigInt(this.epoch),
        generation: BigInt(this.version.generation),
        heartbeatMs: this.heartbeatMs,
        reportsKnown: this.reportsKnown,
        trust: undefined,
        frozenBecause: '',
        maxReportBytes: 16_384,
        reconnectMs: this.reconnectMs,
      },
    });
    const stated = fromWireVersion(hello.held);
    if (hashDesiredState(held) === hashDesiredState(this.wanted) || stated.number > this.version.number) return;
    session.send({ $case: 'desiredState', value: this.publication(held) });
  }
}
