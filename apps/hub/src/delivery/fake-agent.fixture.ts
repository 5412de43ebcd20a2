import { randomUUID, webcrypto } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:tls';
import type { ClientDuplexStream, ServiceError } from '@grpc/grpc-js';
import { credentials, Metadata } from '@grpc/grpc-js';
import type { AppEntry, AppReport, Digest } from '@flotilla/domain';
import { applyDelta, hashDesiredState, reportDigest, reportsHash } from '@flotilla/domain';
import {
  CHANNEL_OPTIONS,
  HUB_SERVER_NAME,
  fromWirePublication,
  parseJoinToken,
  pinOf,
  toWireDigest,
  toWireEntry,
  toWireReport,
  toWireVersion,
  tokenForHub,
  wire,
  wireJoin,
} from '@flotilla/protocol';
import { Pkcs10CertificateRequestGenerator } from '@peculiar/x509';

const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DEADLINE_MS = 20_000;

const pem = (label: string, der: Uint8Array): string =>
  `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`;

export type Keys = webcrypto.CryptoKeyPair;

export function makeKeys(): Promise<Keys> {
  return webcrypto.subtle.generateKey(EC, true, ['sign', 'verify']);
}

export async function makeCsr(keys: Keys): Promise<Buffer> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: 'CN=cluster-admin',
    keys,
    signingAlgorithm: EC,
  });
  return Buffer.from(request.rawData);
}

export interface EnrolOptions {
  readonly token: string;
  readonly keys: Keys;
  readonly kubeUid: string;
}

const tls = { checkServerIdentity: () => undefined };
const TARGET = { 'grpc.ssl_target_name_override': HUB_SERVER_NAME };

/** The join listener's own authority, when it has the pin of the token. */
export async function authorityOf(address: string, pin: string): Promise<string> {
  const [host, port] = address.split(':');
  const socket = connect({ host: host!, port: Number(port), rejectUnauthorized: false, ALPNProtocols: ['h2'] });
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  const der = socket.getPeerCertificate(true).issuerCertificate.raw;
  socket.destroy();
  if (pinOf(der) !== pin) throw new Error('another hub');
  return pem('CERTIFICATE', der);
}

export async function enrol(address: string, { token, keys, kubeUid }: EnrolOptions): Promise<wireJoin.EnrollResponse> {
  const parts = parseJoinToken(token);
  const trust = await authorityOf(address, parts.pin);
  const client = new wireJoin.JoinServiceClient(
    address,
    credentials.createSsl(Buffer.from(trust), null, null, tls),
    TARGET,
  );
  const request = { token: tokenForHub(parts), csr: await makeCsr(keys), clusterUid: kubeUid, agentVersion: 'fake' };
  try {
    return await unary<wireJoin.EnrollResponse>((done) => client.enroll(request, done));
  } finally {
    client.close();
  }
}

export function unary<T>(send: (done: (error: ServiceError | null, value: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => send((error, value) => (error ? reject(error) : resolve(value))));
}

/** A message of the hub by its name. */
type Answer<K extends string> = Extract<NonNullable<wire.ConnectResponse['message']>, { $case: K }>['value'];

/** An agent with nothing behind it: states, verifies and accepts like a real one, and says what a test wants. */
export class FakeAgent implements Disposable {
  readonly client: wire.AgentServiceClient;
  entries: AppEntry[] = [];
  version = { generation: 0, number: 0 };
  /** Each desired state received. */
  readonly pushed: wire.DesiredState[] = [];
  readonly reports = new Map<string, Digest>();
  /** What is answered to a desired state. */
  answer: 'accept' | 'reject' | 'nothing' = 'accept';
  stream: ClientDuplexStream<wire.ConnectRequest, wire.ConnectResponse> | undefined;
  private received: NonNullable<wire.ConnectResponse['message']>[] = [];
  private readonly heard = new EventEmitter().setMaxListeners(100);
  private sequence = 0;
  error: ServiceError | undefined;
  ended = false;

  private constructor(
    readonly keys: Keys,
    readonly kubeUid: string,
    readonly enrolled: wireJoin.EnrollResponse,
    address: string,
    key: Uint8Array,
  ) {
    const trust = enrolled.trust!.authorities.map((der) => pem('CERTIFICATE', der)).join('');
    const channel = credentials.createSsl(
      Buffer.from(trust),
      Buffer.from(pem('PRIVATE KEY', key)),
      Buffer.from(pem('CERTIFICATE', enrolled.certificate)),
      tls,
    );
    this.client = new wire.AgentServiceClient(address, channel, { ...CHANNEL_OPTIONS, ...TARGET });
  }

  static async enrol(joinAddress: string, token: string, options: Partial<EnrolOptions> = {}): Promise<FakeAgent> {
    const [keys, kubeUid] = [options.keys ?? (await makeKeys()), options.kubeUid ?? randomUUID()];
    const enrolled = await enrol(joinAddress, { token, keys, kubeUid });
    return FakeAgent.with(enrolled, { keys, kubeUid, address: enrolled.agentsAddress });
  }

  static async with(
    enrolled: wireJoin.EnrollResponse,
    { keys, kubeUid, address }: { keys: Keys; kubeUid: string; address: string },
  ): Promise<FakeAgent> {
    const key = new Uint8Array(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey));
    return new FakeAgent(keys, kubeUid, enrolled, address, key);
  }

  /** Opens a session and waits for Welcome. */
  async connect(hello: Partial<wire.Hello> = {}): Promise<wire.Welcome> {
    this.open(hello);
    return this.next('welcome');
  }

  open(hello: Partial<wire.Hello> = {}): void {
    this.received = [];
    this.error = undefined;
    this.ended = false;
    this.sequence = 0;
    const stream = this.client.connect();
    this.stream = stream;
    const isLatest = (): boolean => this.stream === stream;
    stream.on('data', ({ message }: wire.ConnectResponse) => message && isLatest() && this.receive(message));
    stream.on('error', (error: ServiceError) => {
      if (isLatest()) this.error = error;
      this.heard.emit('news');
    });
    stream.on('end', () => (this.ended ||= isLatest()));
    stream.write({ message: { $case: 'hello', value: { ...this.hello(), ...hello } } });
  }

  private hello(): wire.Hello {
    return {
      agentVersion: 'fake',
      protocol: 1,
      clusterUid: this.kubeUid,
      held: toWireVersion(this.version),
      heldHash: toWireDigest(hashDesiredState(this.entries)),
      highestSeen: toWireVersion(this.version),
      epochSeen: 0n,
      reportsHash: toWireDigest(reportsHash([...this.reports].map(([app, digest]) => ({ app, digest })))),
      apps: this.entries.map(toWireEntry),
      facts: { kubernetes: 'v1.36.3' },
    };
  }

  private receive(message: NonNullable<wire.ConnectResponse['message']>): void {
    this.received.push(message);
    this.heard.emit('news');
    if (message.$case === 'desiredState') this.take(message.value);
  }

  private take(state: wire.DesiredState): void {
    this.pushed.push(state);
    const { version, hash, baseHash, delta } = fromWirePublication(state);
    if (baseHash !== hashDesiredState(this.entries)) throw new Error('a difference against another base');
    if (this.answer === 'nothing') return;
    if (this.answer === 'reject') {
      const problem = { code: 'refused', message: 'not here', object: undefined, field: '' };
      this.send({ $case: 'rejected', value: { version: toWireVersion(version), problems: [problem] } });
      return;
    }
    this.entries = applyDelta(this.entries, delta);
    this.version = version;
    if (hashDesiredState(this.entries) !== hash) throw new Error('the difference does not lead to its hash');
    this.send({ $case: 'accepted', value: { version: toWireVersion(version), hash: toWireDigest(hash) } });
  }

  /** Accepts what was received last and not answered. */
  acceptLate(): void {
    this.answer = 'accept';
    this.take(this.pushed.pop()!);
  }

  send(message: NonNullable<wire.ConnectRequest['message']>): void {
    this.stream!.write({ message });
  }

  /** Says an app is healthy on what is held, unless told otherwise. @returns the report's sequence. */
  report(app: string, more: Partial<AppReport> = {}): bigint {
    const entry = this.entries.find((one) => one.app === app);
    const report: AppReport = {
      app,
      evaluated: entry?.since ?? this.version,
      appliedBundle: entry?.bundle,
      appliedPolicy: entry?.policy,
      attemptedBundle: entry?.bundle,
      attemptedPolicy: entry?.policy,
      phase: 'applied',
      health: 'healthy',
      healthyForMs: 5,
      lossCount: 0,
      objects: 1,
      objectsReady: 1,
      problems: [],
      drifted: 0,
      drifts: [],
      deletionSet: undefined,
      deletions: [],
      failedFast: false,
      writes: 1,
      ...more,
    };
    this.reports.set(app, reportDigest(report));
    this.sequence += 1;
    this.send({ $case: 'report', value: toWireReport(report, this.sequence) });
    return BigInt(this.sequence);
  }

  /** Takes the next message of a kind, waiting for it. */
  async next<K extends NonNullable<wire.ConnectResponse['message']>['$case']>(kind: K): Promise<Answer<K>> {
    const until = Date.now() + DEADLINE_MS;
    for (;;) {
      const at = this.received.findIndex((message) => message.$case === kind);
      if (at >= 0) return this.received.splice(at, 1)[0]!.value as Answer<K>;
      if (this.error || Date.now() > until) throw new Error(`no ${kind}: ${this.error?.message ?? 'nothing came'}`);
      await this.news();
    }
  }

  private async news(): Promise<void> {
    const timer = setTimeout(() => this.heard.emit('news'), 1_000);
    await once(this.heard, 'news');
    clearTimeout(timer);
  }

  async stored(sequence: bigint): Promise<void> {
    while ((await this.next('reportStored')).sequence < sequence);
  }

  renew(keys: Keys): Promise<wire.RenewResponse> {
    return makeCsr(keys).then((csr) => unary((done) => this.client.renew({ csr }, new Metadata(), done)));
  }

  disconnect(): void {
    this.stream?.cancel();
  }

  [Symbol.dispose](): void {
    this.stream?.cancel();
    this.client.close();
  }
}

/** Bytes that a desired state costs on the wire. */
export function sizeOf(state: wire.DesiredState): number {
  return wire.ConnectResponse.encode({ message: { $case: 'desiredState', value: state } }).finish().length;
}
