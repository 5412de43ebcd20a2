import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '@flotilla/domain';
import { Fault, memberText } from '@flotilla/domain';
import { isApiFault } from './api-fault.js';
import type { KubeClient } from './kube-client.js';
import type { ResourceType } from './resource-type.js';

/** What following a resource tells, in order. */
export type FollowEvent =
  | { readonly type: 'listed'; readonly objects: readonly KubeObject[] }
  | { readonly type: 'changed'; readonly object: KubeObject }
  | { readonly type: 'deleted'; readonly object: KubeObject }
  /** The watch is broken but resumes by itself; nothing was missed once it is `live` again. */
  | { readonly type: 'interrupted'; readonly because: Fault }
  | { readonly type: 'live' };

export interface FollowOptions {
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly namespace?: string;
  readonly metadataOnly?: boolean;
  readonly signal: AbortSignal;
  readonly firstDelayMs?: number;
  readonly maxDelayMs?: number;
}

/** A watch that fails this often in a row (about two seconds) leaves us blind; before that it is a hiccup. */
const BLIND_AFTER = 5;
/** A watch that ends sooner than this counts as a failure, so that a server that hangs up at once is not hammered. */
const SHORT_MS = 1_000;

/**
 * Lists a resource and watches it for ever: resumes after a close from the last bookmark, lists again after 410, backs off with
 * jitter while the server refuses. Ends when the signal aborts.
 */
export async function* followResource(
  client: KubeClient,
  type: ResourceType,
  options: FollowOptions,
): AsyncGenerator<FollowEvent> {
  const follower = new Follower(client, type, options);
  while (!options.signal.aborted) {
    try {
      yield* follower.once();
    } catch (error) {
      if (options.signal.aborted) return;
      const isBlind = follower.failed(error);
      if (isBlind) yield { type: 'interrupted', because: error as Fault };
    }
    await follower.pause();
  }
}

class Follower {
  private resourceVersion = '';
  private failures = 0;
  private isListed = false;

  constructor(
    private readonly client: KubeClient,
    private readonly type: ResourceType,
    private readonly options: FollowOptions,
  ) {}

  /** One list, when there is nothing to resume from, and one watch connection. */
  async *once(): AsyncGenerator<FollowEvent> {
    const { labelSelector = '', fieldSelector = '', namespace = '', metadataOnly = false, signal } = this.options;
    const select = { labelSelector, fieldSelector, metadataOnly, signal };
    const openedAt = performance.now();
    if (this.resourceVersion === '') {
      const list = await this.client.list(this.type, namespace, select);
      this.resourceVersion = list.resourceVersion;
      this.isListed = true;
      yield { type: 'listed', objects: list.items };
    }
    const watch = { ...select, namespace, resourceVersion: this.resourceVersion };
    const events = await this.client.watch(this.type, watch);
    yield { type: 'live' };
    for await (const event of events) {
      this.failures = 0;
      this.resourceVersion = memberText(event.object.metadata, 'resourceVersion');
      if (event.type !== 'BOOKMARK')
        yield { type: event.type === 'DELETED' ? 'deleted' : 'changed', object: event.object };
    }
    if (performance.now() - openedAt < SHORT_MS) this.failures += 1;
  }

  /** True when it has failed for so long that what is known may be old. @throws what is no fault of the server. */
  failed(error: unknown): boolean {
    if (!(error instanceof Fault)) throw error;
    if (isApiFault(error, 'Expired')) this.resourceVersion = '';
    else this.failures += 1;
    return this.failures >= BLIND_AFTER || !this.isListed;
  }

  async pause(): Promise<void> {
    if (this.failures === 0) return;
    const { firstDelayMs = 100, maxDelayMs = 10_000, signal } = this.options;
    const cap = Math.min(maxDelayMs, firstDelayMs * 2 ** (this.failures - 1));
    await delay(cap * (0.5 + Math.random() / 2), undefined, { signal }).catch(stopped);
  }
}

function stopped(): void {
  // The wait was cut short by the signal; the caller's loop ends.
}
