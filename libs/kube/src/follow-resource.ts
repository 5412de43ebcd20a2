import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
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
  readonly namespace?: string;
  readonly signal: AbortSignal;
  readonly firstDelayMs?: number;
  readonly maxDelayMs?: number;
}

/** A watch that fails this often in a row (about two seconds) leaves us blind; before that it is a hiccup. */
const BLIND_AFTER = 5;

/**
 * Lists a resource and watches it for ever: resumes after a close from the last bookmark, lists again after 410, backs off with
 * jitter while the server refuses. Ends when the signal aborts.
 */
export async function* followResource(
  client: KubeClient,
  type: ResourceType,
  options: FollowOptions,
): AsyncGenerator<FollowEvent> {
  const { signal, labelSelector = '', namespace = '', firstDelayMs = 100, maxDelayMs = 10_000 } = options;
  let resourceVersion = '';
  let failures = 0;
  let isListed = false;
  while (!signal.aborted) {
    const openedAt = Date.now();
    try {
      if (resourceVersion === '') {
        const list = await client.list(type, namespace, { labelSelector, signal });
        resourceVersion = list.resourceVersion;
        isListed = true;
        yield { type: 'listed', objects: list.items };
      }
      const events = await client.watch(type, { labelSelector, namespace, resourceVersion, signal });
      yield { type: 'live' };
      for await (const event of events) {
        failures = 0;
        resourceVersion = String(event.object.metadata['resourceVersion'] ?? resourceVersion);
        if (event.type === 'BOOKMARK') continue;
        yield { type: event.type === 'DELETED' ? 'deleted' : 'changed', object: event.object };
      }
      if (Date.now() - openedAt < 1_000) failures += 1;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof Fault)) throw error;
      if (isApiFault(error, 'Expired')) resourceVersion = '';
      else failures += 1;
      if (failures >= BLIND_AFTER || !isListed) yield { type: 'interrupted', because: error };
    }
    if (failures > 0) await delay(backoff(failures, firstDelayMs, maxDelayMs), undefined, { signal }).catch(stopped);
  }
}

function backoff(failures: number, firstDelayMs: number, maxDelayMs: number): number {
  return Math.min(maxDelayMs, firstDelayMs * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
}

function stopped(): void {
  // The wait was cut short by the signal; the loop's condition ends it.
}

