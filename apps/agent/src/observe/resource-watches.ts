import type { KubeObject } from '@flotilla/domain';
import { OWNER_LABEL } from '@flotilla/domain';
import type { FollowEvent, KubeClient, ResourceType } from '@flotilla/kube';
import { apiVersionOf, followResource } from '@flotilla/kube';

/** Where watches deliver. Objects carry the ownership label; whose they are is proved by inventories, not by it. */
export interface WatchSink {
  changed(object: KubeObject): void;
  deleted(object: KubeObject): void;
  /** Everything of the type as of now: what is not in it is gone or lost its label. */
  listed(type: ResourceType, objects: readonly KubeObject[]): void;
  interrupted(type: ResourceType): void;
  live(type: ResourceType): void;
}

interface Watch {
  readonly type: ResourceType;
  readonly stop: AbortController;
  readonly listed: Promise<void>;
  done: Promise<void>;
  healthy: boolean;
}

/** One watch per resource in use, narrowed to objects with our label. */
export class ResourceWatches {
  private readonly watches = new Map<string, Watch>();

  constructor(
    private readonly client: KubeClient,
    private readonly sink: WatchSink,
  ) {}

  /** Starts to watch the type unless it is watched already. Resolves when its first list came or failed. */
  ensure(type: ResourceType): Promise<void> {
    const key = watchKey(type);
    const known = this.watches.get(key);
    if (known !== undefined) return known.listed;
    const stop = new AbortController();
    let first = (): void => undefined;
    const listed = new Promise<void>((resolve) => (first = resolve));
    const watch: Watch = { type, stop, listed, done: Promise.resolve(), healthy: false };
    this.watches.set(key, watch);
    watch.done = this.follow(watch, first);
    return listed;
  }

  /** True while the type is watched without a gap. */
  isLive(type: ResourceType): boolean {
    return this.watches.get(watchKey(type))?.healthy === true;
  }

  /** Stops every watch of a type that is not in use any more. */
  keepOnly(types: Iterable<ResourceType>): void {
    const used = new Set([...types].map(watchKey));
    for (const [key, watch] of this.watches) {
      if (used.has(key)) continue;
      watch.stop.abort();
      this.watches.delete(key);
    }
  }

  async stop(): Promise<void> {
    const watches = [...this.watches.values()];
    this.watches.clear();
    for (const watch of watches) watch.stop.abort();
    await Promise.all(watches.map((watch) => watch.done));
  }

  private async follow(watch: Watch, first: () => void): Promise<void> {
    const options = { labelSelector: OWNER_LABEL, signal: watch.stop.signal };
    for await (const event of followResource(this.client, watch.type, options)) {
      this.deliver(watch, event);
      if (event.type === 'listed' || event.type === 'interrupted') first();
    }
    first();
  }

  private deliver(watch: Watch, event: FollowEvent): void {
    switch (event.type) {
      case 'changed':
        return this.sink.changed(event.object);
      case 'deleted':
        return this.sink.deleted(event.object);
      case 'listed':
        watch.healthy = true;
        return this.sink.listed(watch.type, event.objects);
      case 'live':
        watch.healthy = true;
        return this.sink.live(watch.type);
      case 'interrupted':
        watch.healthy = false;
        return this.sink.interrupted(watch.type);
    }
  }
}

function watchKey(type: ResourceType): string {
  return `${apiVersionOf(type)}/${type.resource}`;
}
