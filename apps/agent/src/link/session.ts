import type { Digest } from '@flotilla/domain';
import { Fault, printVersion } from '@flotilla/domain';
import type { Version } from '@flotilla/domain';
import type { Logger } from '@flotilla/telemetry';
import type { wire } from '@flotilla/protocol';
import {
  fromWireCount,
  fromWireVersion,
  PROTOCOL_MINOR,
  toWireDigest,
  toWireEntry,
  toWireVersion,
} from '@flotilla/protocol';
import type { ReportBook } from '../report/report-book.js';
import type { HeldState } from '../store/held-state.js';
import type { AgentClient } from './channel.js';
import { toFault } from './grpc-fault.js';
import type { Connection } from './outbox.js';
import { Outbox } from './outbox.js';
import type { Seen } from './receive-desired-state.js';
import { receiveDesiredState } from './receive-desired-state.js';
import { RefusedState } from './refused-state.js';
import { ReportSender } from './send-reports.js';

/** A hub to which a whole fleet comes back may take a while: to hang up sooner would only make its work anew. */
const WELCOME_WITHIN_MS = 30_000;
const HANG_UP_AFTER_MS = 200;

/** What a session needs of the rest of the agent. */
export interface SessionHost {
  readonly logger: Logger;
  readonly agentVersion: string;
  readonly clusterUid: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly reports: ReportBook;
  held(): HeldState;
  seen(): Seen;
  /** Remembers that a version or epoch was seen, whatever becomes of it. */
  see(seen: Seen): void;
  /** Makes a verified state durable. */
  accept(state: HeldState): Promise<void>;
  /** Puts the held state in force; the hub knows by then that it is held. */
  enforce(): void;
  /** Apps whose removal is finished while the hub still lists them. */
  removed(): readonly string[];
  welcomed(welcome: wire.Welcome): Promise<void>;
  /** Apps whose removal a person is asked about. */
  asked(apps: readonly string[]): void;
  monotonicMs(): number;
}

/** Why a session ended. */
export interface SessionEnd {
  /** `goodbye` reasons of the hub, or `closed`, `failed`, `stated` (we want to state anew what we hold). */
  readonly reason: string;
  readonly message: string;
  /** The hub had greeted us: the next try starts without the back-off of earlier failures. */
  readonly welcomed: boolean;
}

/** One session with the hub, from Hello to its end. */
export class Session {
  private readonly connection: Connection;
  private readonly outbox: Outbox;
  private readonly sender: ReportSender;
  private heartbeat: NodeJS.Timeout | undefined;
  private hangUp: NodeJS.Timeout | undefined;
  private greeted = false;
  private asked: number | undefined;
  private ending: SessionEnd | undefined;

  constructor(
    private readonly client: AgentClient,
    private readonly host: SessionHost,
  ) {
    this.connection = client.connect();
    this.outbox = new Outbox(this.connection, () => this.sender.pump());
    this.sender = new ReportSender(host.reports, this.outbox);
  }

  /** Over how long the hub wants its fleet to spread its return; undefined when it has not said. */
  get reconnectMs(): number | undefined {
    return this.asked;
  }

  /** Runs until the session is over; never throws. */
  async run(): Promise<SessionEnd> {
    const late = setTimeout(() => this.close('failed', 'the hub did not greet in time'), WELCOME_WITHIN_MS);
    // The iterator below sees the error as well; without this one a late error would be unhandled.
    this.connection.on('error', () => undefined);
    this.outbox.send({ $case: 'hello', value: this.hello() });
    try {
      for await (const { message } of this.connection as AsyncIterable<wire.ConnectResponse>) {
        if (message !== undefined) await this.handle(message);
        if (this.greeted) clearTimeout(late);
      }
      return this.ending ?? this.end('closed', 'the hub closed the session');
    } catch (error) {
      return this.ending ?? this.end('failed', toFault(error).message);
    } finally {
      clearTimeout(late);
      clearInterval(this.heartbeat);
      clearTimeout(this.hangUp);
      this.host.reports.onChange(() => undefined);
    }
  }

  /** Ends the session from our side; what was sent before still goes out. */
  close(reason: string, message: string): void {
    if (this.ending !== undefined) return;
    this.ending = this.end(reason, message);
    this.outbox.end();
    this.hangUp = setTimeout(() => this.connection.cancel(), HANG_UP_AFTER_MS);
  }

  /** Tells the hub that an app is gone from the cluster. */
  sendRemoved(app: string): void {
    if (!this.greeted) return;
    this.outbox.send({ $case: 'removed', value: { app, version: toWireVersion(this.host.held().version) } });
  }

  private end(reason: string, message: string): SessionEnd {
    return { reason, message, welcomed: this.greeted };
  }

  private hello(): wire.Hello {
    const { agentVersion, clusterUid, facts, reports } = this.host;
    const [held, seen] = [this.host.held(), this.host.seen()];
    return {
      agentVersion,
      protocol: PROTOCOL_MINOR,
      clusterUid,
      held: toWireVersion(held.version),
      heldHash: toWireDigest(held.hash),
      highestSeen: toWireVersion(seen.version),
      epochSeen: BigInt(seen.epoch),
      reportsHash: toWireDigest(reports.state()),
      apps: held.entries.map(toWireEntry),
      facts: { ...facts },
    };
  }

  private async handle(message: NonNullable<wire.ConnectResponse['message']>): Promise<void> {
    switch (message.$case) {
      case 'welcome':
        return this.welcome(message.value);
      case 'desiredState':
        return this.receive(message.value);
      case 'reportStored':
        return this.sender.stored(fromWireCount(message.value.sequence));
      case 'heartbeat':
        return this.hearBeat(message.value);
      case 'goodbye':
        return this.close(message.value.reason, message.value.message);
    }
  }

  private async welcome(welcome: wire.Welcome): Promise<void> {
    if (this.greeted) throw new Fault('badInput', 'the hub greeted twice');
    this.greeted = true;
    this.hearWindow(welcome.reconnectMs);
    this.host.reports.limitTo(welcome.maxReportBytes);
    this.host.reports.open(welcome.reportsKnown);
    this.host.reports.onChange(() => this.sender.pump());
    if (welcome.heartbeatMs > 0) this.heartbeat = setInterval(() => this.beat(), welcome.heartbeatMs);
    for (const app of this.host.removed()) this.sendRemoved(app);
    this.sender.pump();
    await this.host.welcomed(welcome);
  }

  private hearBeat({ reconnectMs, sendReports, asked }: wire.Heartbeat): void {
    this.hearWindow(reconnectMs);
    if (asked !== undefined) this.host.asked(asked.apps);
    if (!sendReports) return;
    this.host.logger.warn('the hub lacks reports: sends all again');
    this.host.reports.open(false);
    this.sender.pump();
  }

  private hearWindow(ms: number): void {
    if (ms > 0) this.asked = ms;
  }

  private beat(): void {
    const reportsHash: Digest = this.host.reports.hash();
    const value = {
      monotonicMs: BigInt(Math.round(this.host.monotonicMs())),
      reportsHash: toWireDigest(reportsHash),
      reconnectMs: 0,
      sendReports: false,
      asked: undefined,
    };
    this.outbox.send({ $case: 'heartbeat', value });
  }

  private async receive(message: wire.DesiredState): Promise<void> {
    const version = fromWireVersion(message.version);
    const startedAt = this.host.monotonicMs();
    try {
      const at = { held: this.host.held(), seen: this.host.seen(), client: this.client };
      const state = await receiveDesiredState(message, at);
      this.host.see({ version: state.version, epoch: state.epoch });
      await this.host.accept(state);
      this.outbox.send({
        $case: 'accepted',
        value: { version: toWireVersion(state.version), hash: toWireDigest(state.hash) },
      });
      this.host.enforce();
      const apps = state.entries.length;
      const tookMs = Math.round(this.host.monotonicMs() - startedAt);
      this.host.logger.info({ version: printVersion(version), apps, tookMs }, 'accepted a desired state');
    } catch (error) {
      this.refuse(version, error);
    }
  }

  private refuse(version: Version, error: unknown): void {
    if (!(error instanceof RefusedState)) throw error;
    this.host.logger.warn(
      { version: printVersion(version), code: error.code, reason: error.message },
      'refused a desired state',
    );
    const problem = { code: error.code, message: error.message, object: undefined, field: '' };
    this.outbox.send({ $case: 'rejected', value: { version: toWireVersion(version), problems: [problem] } });
    if (error.code === 'baseMismatch') this.close('stated', 'states anew what it holds');
  }
}
