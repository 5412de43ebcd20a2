import type { AppEntry, Digest, Version } from '@flotilla/domain';
import type { SteadyClock } from '../clock/index.js';
import type { HeldState } from './held-state.js';
import type { Outbox } from './outbox.js';
import { PublishPace } from './publish-pace.js';
import { ReportBeats } from './report-beats.js';

/** Why a session ends, as the agent is told. */
export type GoodbyeReason =
  'superseded' | 'revoked' | 'standby' | 'shutdown' | 'cloned' | 'rejoin' | 'rateLimited' | 'protocol';

export interface SessionFacts {
  readonly id: string;
  readonly clusterId: number;
  readonly clusterName: string;
  /** Serial of the certificate that opened it. */
  readonly serial: string;
  readonly outbox: Outbox;
  /** Protocol minor that the agent speaks. */
  readonly protocol: number;
  readonly held: HeldState;
  /** The highest version that the agent has seen, held or not. */
  readonly highestSeen: Version;
  /** Active apps the agent states and this hub does not know: left as they are. */
  readonly strangers: readonly AppEntry[];
  readonly clock: SteadyClock;
  /** Ends the stream whatever the peer does. */
  readonly cut: () => void;
}

/** A desired state that was sent and not answered yet. */
export interface Offer {
  readonly state: HeldState;
  /** By the session's clock. */
  readonly sentMs: number;
}

/** One cluster's live session. Application state stays under 4 KiB: versions and hashes, never manifests. */
export class AgentSession {
  readonly id: string;
  readonly clusterId: number;
  readonly clusterName: string;
  readonly serial: string;
  readonly outbox: Outbox;
  readonly protocol: number;
  readonly strangers: readonly AppEntry[];
  private readonly clock: SteadyClock;
  private heardMs: number;
  /** The last state that the agent stated or acknowledged; every difference is made against it. */
  held: HeldState;
  offer: Offer | undefined;
  /** No other state may go out under this version or a lower one. */
  highestSeen: Version;
  /** Version of the database when this session was last compared in full. */
  compared: Version | undefined;
  /** Welcome is on its way: nothing goes out before it. */
  welcomed = false;
  readonly beats = new ReportBeats();
  readonly pace = new PublishPace();
  /** Something changed while an offer was out: look again when it is answered. */
  stale = false;
  /** Hash of the state that the agent rejected: not offered again until something else is wanted. */
  rejectedHash: Digest | undefined;
  private readonly cut: () => void;
  private ended = false;

  constructor(facts: SessionFacts) {
    this.id = facts.id;
    this.clusterId = facts.clusterId;
    this.clusterName = facts.clusterName;
    this.serial = facts.serial;
    this.outbox = facts.outbox;
    this.protocol = facts.protocol;
    this.held = facts.held;
    this.highestSeen = facts.highestSeen;
    this.strangers = facts.strangers;
    this.cut = facts.cut;
    this.clock = facts.clock;
    this.heardMs = this.clock.now();
  }

  /** How long the agent has said nothing, of the time that this hub observed. */
  get silentForMs(): number {
    return this.clock.now() - this.heardMs;
  }

  /** The agent said something. */
  hear(): void {
    this.heardMs = this.clock.now();
  }

  /** A desired state has been sent. */
  noteOffer(state: HeldState): void {
    this.offer = { state, sentMs: this.clock.now() };
  }

  /** Whether what was sent is not answered after so long. */
  isStuck(afterMs: number): boolean {
    return this.offer !== undefined && this.clock.now() - this.offer.sentMs > afterMs;
  }

  get live(): boolean {
    return !this.ended;
  }

  /** Says why, then ends the stream; a peer that does not listen is cut off shortly after. */
  close(reason: GoodbyeReason, message: string): void {
    if (this.ended) return;
    this.ended = true;
    this.outbox.close({ reason, message });
    setTimeout(this.cut, LAST_WORD_MS).unref();
  }
}

const LAST_WORD_MS = 1_000;
