import type { ClusterApiOptions } from '../cluster-api.js';
import type { Registry } from '../registry/registry.js';
import type { ObjectRemover } from '../resources/object-remover.js';
import type { ObjectWriter } from '../resources/object-writer.js';
import type { Change, Store } from '../store.js';
import { keyOf } from '../store.js';
import { Control, isRefusal } from './control.js';
import { CustomResources } from './custom-resources.js';
import { DaemonSets } from './daemon-sets.js';
import { Deployments } from './deployments.js';
import { DisruptionBudgets } from './disruption-budgets.js';
import { Garbage } from './garbage.js';
import { imageExists } from './image-exists.js';
import { Jobs } from './jobs.js';
import { Namespaces } from './namespaces.js';
import { OwnerIndex } from './owner-index.js';
import { Pods } from './pods.js';
import { ReplicaSets } from './replica-sets.js';
import { Services } from './services.js';
import { StatefulSets } from './stateful-sets.js';
import { VolumeClaims } from './volume-claims.js';

/** One controller: which keys a change makes due, and what is done about a key. */
export interface Controller {
  due(change: Change, control: Control): readonly string[];
  /** @returns milliseconds after which to look again without a change. */
  reconcile(key: string, control: Control): number | undefined;
}

export interface LifeParts {
  readonly store: Store;
  readonly registry: Registry;
  readonly writer: ObjectWriter;
  readonly remover: ObjectRemover;
}

const READY_MS = 20;
const AWAITED_MS = 2000;
const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/** The controllers of a cluster: each change puts keys in a queue that is worked off soon after. */
export class Life {
  private readonly control: Control;
  private readonly owners: OwnerIndex;
  private readonly controllers: readonly Controller[];
  private readonly queue = new Map<Controller, Set<string>>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** The timers that `settled` waits for; deadlines and long delays are none. */
  private readonly awaited = new Set<string>();
  private readonly idle = new Set<() => void>();
  private next: NodeJS.Immediate | undefined;
  private stopListening: (() => void) | undefined;

  constructor(
    private readonly parts: LifeParts & { readonly caPem: () => string },
    options: ClusterApiOptions,
  ) {
    this.owners = new OwnerIndex(parts.store);
    this.control = new Control({ ...parts, owners: this.owners });
    const exists = (image: string): boolean => options.imageExists?.(image) ?? imageExists(image);
    this.controllers = [
      new Namespaces(parts.caPem),
      new CustomResources(parts.registry),
      new Garbage(),
      new Deployments(),
      new ReplicaSets(),
      new StatefulSets(),
      new DaemonSets(),
      new Jobs(),
      new Pods({ readyMs: options.podReadyMs ?? READY_MS, imageExists: exists }),
      new Services(),
      new VolumeClaims(),
      new DisruptionBudgets(),
    ];
  }

  /** Takes up what is there, and from then on every change. */
  start(): void {
    const { store } = this.parts;
    this.owners.fill();
    this.stopListening = store.onChange((change) => this.note(change));
    // Definitions first: whether a namespace is empty depends on the kinds there are.
    for (const collection of [CRDS, ...store.names().filter((name) => name !== CRDS)]) {
      for (const object of store.list(collection)) {
        this.note({ type: 'ADDED', collection, version: store.version, object, previous: undefined });
      }
    }
    this.drain();
  }

  stop(): void {
    this.stopListening?.();
    clearImmediate(this.next);
    for (const timer of this.timers.values()) clearTimeout(timer);
    this.timers.clear();
    this.awaited.clear();
    this.queue.clear();
    this.tellIdle();
  }

  /** Resolves when nothing is due now or within two seconds. */
  settled(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.idle.add(resolve));
  }

  private get isIdle(): boolean {
    return this.queue.size === 0 && this.awaited.size === 0;
  }

  private note(change: Change): void {
    for (const controller of this.controllers) {
      for (const key of controller.due(change, this.control)) this.enqueue(controller, key);
    }
  }

  private enqueue(controller: Controller, key: string): void {
    const keys = this.queue.get(controller) ?? new Set();
    this.queue.set(controller, keys.add(key));
    this.next ??= setImmediate(() => this.drain());
  }

  private drain(): void {
    this.next = undefined;
    const due = [...this.queue];
    this.queue.clear();
    for (const [controller, keys] of due) for (const key of keys) this.reconcile(controller, key);
    if (this.isIdle) this.tellIdle();
  }

  private tellIdle(): void {
    for (const resolve of this.idle) resolve();
    this.idle.clear();
  }

  private reconcile(controller: Controller, key: string): void {
    try {
      const again = controller.reconcile(key, this.control);
      this.lookAgain(controller, key, again);
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  }

  private lookAgain(controller: Controller, key: string, afterMs: number | undefined): void {
    const id = `${this.controllers.indexOf(controller)} ${key}`;
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
    this.awaited.delete(id);
    if (afterMs === undefined) return;
    if (afterMs <= AWAITED_MS) this.awaited.add(id);
    const timer = setTimeout(() => {
      this.timers.delete(id);
      this.awaited.delete(id);
      this.enqueue(controller, key);
    }, afterMs);
    this.timers.set(id, timer);
  }
}

/** The key of a change in that collection, for controllers that look after one kind. */
export function keysOf(change: Change, collection: string): string[] {
  return change.collection === collection ? [keyOf(change.object.metadata)] : [];
}
