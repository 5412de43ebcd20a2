import type { OnApplicationBootstrap } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { HeardCluster, Isolation } from '@flotilla/domain';
import { detectIsolation } from '@flotilla/domain';
import { HubEvents } from '../events/index.js';

/** Follows which clusters this hub hears, to tell an isolated hub from silent clusters. */
@Injectable()
export class FleetLiveness implements OnApplicationBootstrap {
  private readonly heard = new Map<number, HeardCluster>();
  private readonly listeners = new Set<() => void>();
  private isolation: Isolation | undefined;

  constructor(@Inject(HubEvents) private readonly events: HubEvents) {}

  /** Unix ms since which the hub seems cut off; undefined when it is not. */
  get isolatedSince(): number | undefined {
    return this.isolation?.since;
  }

  onApplicationBootstrap(): void {
    this.events.on('sessionOpened', ({ clusterId }) =>
      this.hear({ clusterId, connected: true, lastSeenAt: Date.now() }),
    );
    this.events.on('sessionClosed', ({ clusterId }) => {
      if (this.heard.has(clusterId)) this.hear({ clusterId, connected: false, lastSeenAt: Date.now() });
    });
    this.events.on('accessWithdrawn', ({ clusterId }) => this.forget(clusterId));
  }

  /** A hub that begins to lead knows of nobody yet. */
  begin(): void {
    this.heard.clear();
    this.isolation = undefined;
  }

  /** Told when isolation begins or ends. */
  onChange(listener: () => void): void {
    this.listeners.add(listener);
  }

  private hear(cluster: HeardCluster): void {
    this.heard.set(cluster.clusterId, cluster);
    this.judge();
  }

  /** A cluster that was removed or cut off on purpose is not missed. */
  private forget(clusterId: number): void {
    this.heard.delete(clusterId);
    this.judge();
  }

  private judge(): void {
    const before = this.isolation;
    this.isolation = detectIsolation([...this.heard.values()], before, Date.now());
    if ((before === undefined) === (this.isolation === undefined)) return;
    for (const listener of this.listeners) listener();
  }
}
