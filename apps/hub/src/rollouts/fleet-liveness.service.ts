import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { Isolation } from '@flotilla/domain';
import { detectIsolation } from '@flotilla/domain';
import { SteadyClock } from '../clock/index.js';
import { HubConfig } from '../config/index.js';
import { HubEvents } from '../events/index.js';
import { LiveSessions } from './sessions.port.js';

/** Heartbeats after which a session that still stands counts as silent here: before three end it and its cluster is judged. */
const SUSPECT_HEARTBEATS = 2;

/** A cluster that this leader has heard, by the steady clock. */
interface Heard {
  readonly connected: boolean;
  readonly lastHeardMs: number;
  /** When its session was opened or ended. */
  readonly changedMs: number;
}

/** Follows which clusters this hub hears, to tell an isolated hub from silent clusters. */
@Injectable()
export class FleetLiveness implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly heard = new Map<number, Heard>();
  private readonly listeners = new Set<() => void>();
  private isolation: Isolation | undefined;
  private since: number | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(SteadyClock) private readonly clock: SteadyClock,
    @Inject(LiveSessions) private readonly sessions: LiveSessions,
    @Inject(HubConfig) private readonly config: HubConfig,
  ) {}

  /** Unix ms since which the hub seems cut off; undefined when it is not. */
  get isolatedSince(): number | undefined {
    return this.since;
  }

  onApplicationBootstrap(): void {
    this.events.on('sessionOpened', ({ clusterId }) => this.hear(clusterId, true, 0));
    this.events.on('sessionClosed', ({ clusterId, silentForMs }) => {
      if (this.heard.has(clusterId)) this.hear(clusterId, false, silentForMs);
    });
    this.events.on('accessWithdrawn', ({ clusterId }) => this.forget(clusterId));
    this.timer = setInterval(() => this.judge(), this.config.settings.heartbeatMs / 2).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** A hub that begins to lead knows of nobody yet. */
  begin(): void {
    this.heard.clear();
    this.isolation = undefined;
    this.since = undefined;
  }

  /** How long a cluster whose session has ended was not heard; undefined when this leader never heard it. */
  silentForMs(clusterId: number): number | undefined {
    const lastHeardMs = this.heard.get(clusterId)?.lastHeardMs;
    return lastHeardMs === undefined ? undefined : this.clock.now() - lastHeardMs;
  }

  /** Told when isolation begins or ends. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  private hear(clusterId: number, connected: boolean, silentForMs: number): void {
    const now = this.clock.now();
    this.heard.set(clusterId, { connected, lastHeardMs: now - silentForMs, changedMs: now });
    this.judge();
  }

  /** A cluster that was removed or cut off on purpose is not missed. */
  private forget(clusterId: number): void {
    this.heard.delete(clusterId);
    this.judge();
  }

  /** A connection that is cut without a word stands for a while: what it has not carried for two heartbeats counts as lost. */
  private judge(): void {
    const before = this.isolation;
    const now = this.clock.now();
    const suspectMs = SUSPECT_HEARTBEATS * this.config.settings.heartbeatMs;
    const clusters = [...this.heard].map(([clusterId, { connected, changedMs }]) => {
      const silentForMs = connected ? (this.sessions.sessionOf(clusterId)?.silentForMs ?? 0) : 0;
      const silent = silentForMs > suspectMs;
      return { clusterId, connected: connected && !silent, silentSinceMs: silent ? now - silentForMs : changedMs };
    });
    this.isolation = detectIsolation(clusters, before, now);
    if ((before === undefined) === (this.isolation === undefined)) return;
    this.since = this.isolation && Date.now();
    for (const listener of this.listeners) listener();
  }
}
