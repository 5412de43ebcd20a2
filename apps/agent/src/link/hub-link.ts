import type { Backoff } from '@flotilla/domain';
import { fullJitterMs, reconnectWaitMs } from '@flotilla/domain';
import type { Logger } from '@flotilla/telemetry';
import type { Identity } from '../store/identity.js';
import type { AgentClient } from './channel.js';
import { openAgentChannel } from './channel.js';
import { explainEnd } from './explain-end.js';
import type { SessionEnd, SessionHost } from './session.js';
import { Session } from './session.js';

/** Upper end of the first wait. */
const FIRST_WAIT_MS = 500;

/** A session that lasted this long makes earlier failures forgotten. */
const STABLE_AFTER_MS = 5_000;

/** Reasons after which trying again soon helps nobody: a person must act, or another session lives. */
const SLOW = new Set(['superseded', 'revoked', 'cloned', 'rejoin', 'rateLimited']);
/** Reasons that a new join token cures: who does not trust the other, or has expired for too long, fails without a goodbye. */
const REJOIN = new Set(['rejoin', 'cloned', 'revoked', 'failed']);
/** Reasons after which another address, or a fresh Hello, is tried at once. */
const AT_ONCE = new Set(['standby', 'stated', 'renewed']);

export interface LinkOptions {
  readonly host: SessionHost;
  readonly logger: Logger;
  /** The newest identity: certificates are renewed while the link runs. */
  identity(): Identity;
  /** Addresses of the agents listener, in order of preference; standbys come later. */
  addresses(): readonly string[];
  /** Replaces an expired certificate; asked before each try. */
  refreshIdentity(): Promise<void>;
  /** Joins anew when a person has given another token. True when it did. */
  rejoin(): Promise<boolean>;
  /** Upper end of every wait. */
  readonly maxWaitMs: number;
  random(): number;
}

/** Keeps one session with the hub: connects, reconnects with full jitter and a cap, and never gives up. */
export class HubLink {
  private session: Session | undefined;
  private client: AgentClient | undefined;
  /** Tries that failed before a hub had said its window, and sessions that ended soon. */
  private failures = 0;
  private hurried = false;
  /** Last asked for by a hub; kept over sessions. */
  private windowMs: number | undefined;
  private awaySince = 0;
  private told = '';
  private why = '';
  private turn = 0;
  private stopped = false;
  private wake: () => void = () => undefined;
  /** Told to connect anew, and not done yet. */
  private isWoken = false;

  private readonly backoff: Backoff;

  constructor(private readonly options: LinkOptions) {
    this.backoff = { baseMs: FIRST_WAIT_MS, capMs: options.maxWaitMs };
  }

  /** The channel of the present session, for calls beside it. */
  get channel(): AgentClient | undefined {
    return this.session === undefined ? undefined : this.client;
  }

  /** Why there was no session last time; empty when a hub has greeted since. */
  get trouble(): string {
    return this.why;
  }

  sendRemoved(app: string): void {
    this.session?.sendRemoved(app);
  }

  /** Ends the session and connects anew, for example with another certificate. */
  reconnect(reason: 'renewed' | 'stated'): void {
    this.session?.close(reason, 'connects anew');
    this.isWoken = true;
    this.wake();
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    this.awaySince = this.options.host.monotonicMs();
    while (!this.stopped) {
      const end = await this.connectOnce();
      if (this.stopped) return;
      const waitMs = this.waitAfter(end);
      this.tell(end, waitMs);
      await this.pause(waitMs);
    }
  }

  stop(): void {
    this.stopped = true;
    this.session?.close('shutdown', 'the agent stops');
    this.wake();
  }

  /** Tries may be many: each reason is told once aloud, until there was a session. */
  private tell({ reason, message, welcomed }: SessionEnd, waitMs: number): void {
    const news = welcomed || this.told !== reason + message;
    this.told = reason + message;
    this.why = welcomed ? '' : explainEnd(message);
    this.options.logger[news ? 'warn' : 'debug'](
      { reason, detail: explainEnd(message), waitMs },
      'no session with the hub',
    );
  }

  private async connectOnce(): Promise<SessionEnd> {
    const end = await this.trySession();
    const isRejoined = !end.welcomed && REJOIN.has(end.reason) && (await this.options.rejoin());
    return isRejoined ? { ...end, reason: 'renewed' } : end;
  }

  private async trySession(): Promise<SessionEnd> {
    const { host, logger } = this.options;
    const startedAt = host.monotonicMs();
    try {
      await this.options.refreshIdentity();
      const address = this.address();
      logger.debug({ address }, 'connecting');
      this.client = openAgentChannel(address, this.options.identity());
      this.session = new Session(this.client, host);
      const end = await this.session.run();
      if (end.welcomed && host.monotonicMs() - startedAt > STABLE_AFTER_MS) this.forgive();
      return end;
    } catch (error) {
      return { reason: 'failed', message: (error as Error).message, welcomed: false };
    } finally {
      this.windowMs = this.session?.reconnectMs ?? this.windowMs;
      this.session = undefined;
      this.client?.close();
      this.client = undefined;
    }
  }

  private address(): string {
    const addresses = this.options.addresses();
    return addresses[this.turn % Math.max(1, addresses.length)] ?? '';
  }

  private forgive(): void {
    this.failures = 0;
    this.awaySince = this.options.host.monotonicMs();
  }

  private waitAfter({ reason, welcomed }: SessionEnd): number {
    if (!welcomed || reason === 'standby') this.turn += 1;
    if (SLOW.has(reason)) return (this.backoff.capMs / 2) * (1 + this.options.random());
    // A second "at once" in a row waits like everything else: nothing may spin.
    this.hurried = AT_ONCE.has(reason) && !this.hurried;
    return this.hurried ? 0 : this.spread(welcomed);
  }

  /** A hub that is away is awaited as it asked for; sessions that end soon after they began are backed off from. */
  private spread(welcomed: boolean): number {
    const { windowMs } = this;
    if (windowMs === undefined || (welcomed && this.failures > 0)) {
      this.failures += 1;
      return fullJitterMs(this.failures - 1, this.backoff, this.options.random());
    }
    if (welcomed) this.failures += 1;
    const awayMs = this.options.host.monotonicMs() - this.awaySince;
    return reconnectWaitMs({ windowMs, awayMs, capMs: this.backoff.capMs }, this.options.random());
  }

  /** Ends early when somebody wants to connect anew, also when that was said a moment ago. */
  private async pause(ms: number): Promise<void> {
    if (!this.isWoken) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.isWoken = false;
  }
}
