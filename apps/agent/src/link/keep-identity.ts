import type { Backoff } from '@flotilla/domain';
import { Fault, fullJitterMs } from '@flotilla/domain';
import type { wireJoin } from '@flotilla/protocol';
import { parseJoinToken } from '@flotilla/protocol';
import type { Logger } from '@flotilla/telemetry';
import type { Identity, IdentityStore } from '../store/identity.js';
import { toPem } from './certificate-request.js';
import type { AgentClient } from './channel.js';
import { enrol } from './enrol.js';
import { toFault } from './grpc-fault.js';
import { isExpired, renew, renewAt, renewExpired } from './renew.js';

const ENROL_BACKOFF: Backoff = { baseMs: 500, capMs: 30_000 };
/** Timers take no more than 2^31 ms; a certificate lives longer. */
const LOOK_EVERY_MS = 3_600_000;
const RETRY_MS = 30_000;
const HINT = 'Print a token with `flotilla cluster join NAME`.';

export interface IdentityOptions {
  readonly store: IdentityStore;
  readonly logger: Logger;
  readonly joinAddresses: readonly string[];
  /** The join token, when one was given. */
  token(): string | undefined;
  readonly clusterUid: string;
  readonly agentVersion: string;
  now(): number;
  random(): number;
}

/** Gets an identity, and keeps its certificate young. */
export class IdentityKeeper {
  private identity: Identity | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  /** Why it could not join last time: tries may be many, and each reason is told once aloud. */
  private told = '';
  private renewing = false;
  private channel: () => AgentClient | undefined = () => undefined;
  private renewed: () => void = () => undefined;
  private wake: () => void = () => undefined;
  private readonly jitter: number;

  constructor(private readonly options: IdentityOptions) {
    this.jitter = options.random();
  }

  /** @throws Fault internal before `obtain`. */
  get current(): Identity {
    if (this.identity === undefined) throw new Fault('internal', 'not enrolled yet');
    return this.identity;
  }

  /** The stored identity, else a new one: asks until the hub gives it or `stop`. */
  async obtain(): Promise<Identity | undefined> {
    this.identity = await this.options.store.load();
    for (let attempt = 0; this.identity === undefined && !this.stopped; attempt += 1) {
      this.identity = await this.tryEnrol(attempt);
      if (this.identity === undefined) await this.pause(fullJitterMs(attempt, ENROL_BACKOFF, this.options.random()));
    }
    return this.identity;
  }

  /** Before each connect: replaces a certificate that has expired. @throws Fault */
  async refresh(): Promise<void> {
    const { store, logger, joinAddresses } = this.options;
    if (!isExpired(this.current.certificate, this.options.now())) return;
    const [address] = joinAddresses;
    if (address === undefined)
      throw new Fault('unauthenticated', 'the certificate has expired, and no join address is set');
    this.identity = await renewExpired(address, this.current, store);
    logger.info('renewed an expired certificate');
  }

  /** Joins anew when a person has given another token than the one this identity came from. True when it did. */
  async rejoin(): Promise<boolean> {
    const token = this.options.token();
    if (token === undefined || tokenIdOf(token) === this.current.joinTokenId) return false;
    const identity = await this.tryEnrol(0);
    this.identity = identity ?? this.identity;
    return identity !== undefined;
  }

  /** Renews when it is time, as long as there is a session then; `renewed` is called after a new certificate is stored. */
  schedule(channel: () => AgentClient | undefined, renewed: () => void): void {
    this.channel = channel;
    this.renewed = renewed;
    this.lookLater();
  }

  /** At the start of a session, and by the timer: renews a certificate that is due. */
  async renewIfDue(): Promise<void> {
    const client = this.channel();
    if (client === undefined || this.renewing || this.options.now() < this.dueAt()) return;
    this.renewing = true;
    if (await this.tryRenew(client)) this.renewed();
    this.renewing = false;
  }

  private dueAt(): number {
    return renewAt(this.current.certificate, this.jitter);
  }

  private lookLater(): void {
    if (this.stopped) return;
    const dueMs = this.dueAt() - this.options.now();
    const waitMs = dueMs > 0 ? dueMs : RETRY_MS * (0.5 + this.options.random() / 2);
    this.timer = setTimeout(
      () => void this.renewIfDue().finally(() => this.lookLater()),
      Math.min(waitMs, LOOK_EVERY_MS),
    );
    this.timer.unref();
  }

  /** Takes over the authorities that the hub says are valid now, when they differ from the known ones. */
  async trust(bundle: wireJoin.TrustBundle | undefined): Promise<void> {
    if (bundle === undefined || bundle.authorities.length === 0) return;
    const trust = toPem(bundle.authorities);
    if (trust === this.current.trust) return;
    this.identity = { ...this.current, trust };
    await this.options.store.save(this.identity);
    this.options.logger.info({ authorities: bundle.authorities.length }, 'took over the hub’s trust bundle');
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    this.wake();
  }

  private async tryEnrol(attempt: number): Promise<Identity | undefined> {
    const { joinAddresses, store, logger, clusterUid, agentVersion } = this.options;
    const joinAddress = joinAddresses[attempt % Math.max(1, joinAddresses.length)] ?? '';
    try {
      const token = this.options.token() ?? '';
      if (token === '' || joinAddress === '')
        throw new Fault('badInput', 'a join address and a join token are needed', HINT);
      const identity = await enrol({ joinAddress, token, clusterUid, agentVersion }, store);
      logger.info({ cluster: identity.clusterName, id: identity.clusterId }, 'enrolled');
      return identity;
    } catch (error) {
      const { message: reason, hint } = toFault(error);
      const news = this.told !== reason;
      this.told = reason;
      logger[news ? 'error' : 'debug']({ joinAddress, reason, hint }, 'cannot enrol');
      return undefined;
    }
  }

  private async tryRenew(client: AgentClient): Promise<boolean> {
    try {
      this.identity = await renew(client, this.current, this.options.store);
      this.options.logger.info('renewed the certificate');
      return true;
    } catch (error) {
      this.options.logger.warn({ reason: (error as Error).message }, 'cannot renew the certificate');
      return false;
    }
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** Undefined when it is no token: trying it says why. */
function tokenIdOf(text: string): string | undefined {
  try {
    return parseJoinToken(text).id;
  } catch {
    return undefined;
  }
}
