import { afterEach, describe, expect, it } from 'vitest';
import { SteadyClock } from '../clock/index.js';
import { readHubConfig } from '../config/index.js';
import { HubEvents } from '../events/index.js';
import { FleetLiveness } from './fleet-liveness.service.js';
import type { LiveSession } from './sessions.port.js';
import { LiveSessions } from './sessions.port.js';

const HEARTBEAT_MS = 40;

/** Sessions whose silence a test sets. */
class Sessions extends LiveSessions {
  readonly silence = new Map<number, number>();

  sessionOf(clusterId: number): LiveSession | undefined {
    const silentForMs = this.silence.get(clusterId);
    return silentForMs === undefined ? undefined : { id: `s${clusterId}`, silentForMs };
  }
}

/** A leader that hears so many clusters. Its clock goes as the test says. */
class Hearing {
  private monotonic = 0;
  readonly events = new HubEvents();
  readonly sessions = new Sessions();
  readonly clock = new SteadyClock(() => this.monotonic);
  readonly told: (number | undefined)[] = [];
  readonly liveness = new FleetLiveness(
    this.events,
    this.clock,
    this.sessions,
    readHubConfig({ DATABASE_URL: 'x', FLOTILLA_FLEET_URL: 'file:///x', FLOTILLA_HEARTBEAT: `${HEARTBEAT_MS}ms` }),
  );

  constructor(count: number) {
    this.liveness.onApplicationBootstrap();
    this.liveness.onChange(() => this.told.push(this.liveness.isolatedSince));
    for (let clusterId = 1; clusterId <= count; clusterId += 1) this.open(clusterId);
  }

  open(clusterId: number): void {
    this.sessions.silence.set(clusterId, 0);
    this.events.emit('sessionOpened', { clusterId, sessionId: 's' });
  }

  close(...clusterIds: number[]): void {
    for (const clusterId of clusterIds) {
      const silentForMs = this.sessions.silence.get(clusterId) ?? 0;
      this.sessions.silence.delete(clusterId);
      this.events.emit('sessionClosed', { clusterId, sessionId: 's', silentForMs });
    }
  }

  /** Observed time: no step is longer than what a clock counts. */
  pass(ms: number): void {
    for (let left = ms; left > 0; left -= 1_000) {
      this.monotonic += Math.min(left, 1_000);
      this.clock.now();
    }
  }

  get isolated(): boolean {
    return this.liveness.isolatedSince !== undefined;
  }

  end(): void {
    this.liveness.onApplicationShutdown();
    this.clock.onModuleDestroy();
  }
}

let hearing: Hearing;
const hears = (count: number): Hearing => (hearing = new Hearing(count));

afterEach(() => hearing.end());

describe('FleetLiveness', () => {
  it('takes the hub for isolated when more than max(3, 20 %) fall silent within a minute, and says so once', () => {
    const { liveness } = hears(10);
    hearing.close(1, 2, 3);
    expect(hearing.isolated).toBe(false);
    hearing.close(4);
    expect(hearing.isolated).toBe(true);
    hearing.close(5, 6);
    expect(hearing.told).toEqual([liveness.isolatedSince]);
    expect(Date.now() - (liveness.isolatedSince ?? 0)).toBeLessThan(60_000);
  });

  it('trusts itself again when no more than that are missing: they returned, or were removed', () => {
    hears(10);
    hearing.close(1, 2, 3, 4, 5);
    hearing.open(1);
    expect(hearing.isolated).toBe(true);
    hearing.events.emit('accessWithdrawn', { clusterId: 2, reason: 'removed' });
    expect(hearing.isolated).toBe(false);
    expect(hearing.told).toHaveLength(2);
  });

  it('does not forget who is missing after a minute', () => {
    hears(10);
    hearing.close(1, 2, 3, 4, 5);
    hearing.pass(3_600_000);
    hearing.open(1);
    expect(hearing.isolated).toBe(true);
  });

  it('does not count clusters that fell silent one by one', () => {
    hears(10);
    for (let id = 1; id <= 9; id += 1) {
      hearing.close(id);
      hearing.pass(61_000);
    }
    expect(hearing.isolated).toBe(false);
  });

  it('is not misled by a process that stood still: what it did not observe is no minute', () => {
    hears(10);
    hearing.close(1, 2);
    hearing.pass(1_000);
    const before = hearing.liveness.silentForMs(1);
    expect(before).toBe(1_000);
    hearing.close(3, 4);
    expect(hearing.isolated).toBe(true);
  });

  it('counts sessions that carry nothing though they stand: a network that swallows packets closes none', async () => {
    hears(10);
    hearing.pass(10_000);
    for (let id = 1; id <= 4; id += 1) hearing.sessions.silence.set(id, 2 * HEARTBEAT_MS + 1);
    await expect.poll(() => hearing.isolated).toBe(true);
    for (let id = 1; id <= 4; id += 1) hearing.sessions.silence.set(id, 0);
    await expect.poll(() => hearing.isolated).toBe(false);
  });

  it('measures silence from the last message, by its own clock', () => {
    const { liveness } = hears(1);
    hearing.sessions.silence.set(1, 7_000);
    hearing.close(1);
    hearing.pass(3_000);
    expect(liveness.silentForMs(1)).toBe(10_000);
    expect(liveness.silentForMs(2)).toBeUndefined();
  });

  it('knows of nobody when it begins to lead', () => {
    const { liveness } = hears(10);
    hearing.close(1, 2, 3, 4, 5);
    liveness.begin();
    expect([hearing.isolated, liveness.silentForMs(1)]).toEqual([false, undefined]);
    hearing.close(6);
    expect(hearing.isolated).toBe(false);
  });
});
