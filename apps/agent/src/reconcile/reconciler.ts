import type { KubeObject, Version } from '@flotilla/domain';
import { EMPTY_INVENTORY, LOST_INVENTORY, OWNER_LABEL, orderVersions, refKey, refOf } from '@flotilla/domain';
import type { KubeClient, ResourceType } from '@flotilla/kube';
import { ResourceWatches } from '../observe/resource-watches.js';
import { AppReconciler } from './app-reconciler.js';
import { Limiter } from './limiter.js';
import { OwnerIndex } from './owner-index.js';
import type { ClusterView, ReconcileContext } from './reconcile-context.js';
import type {
  Clock,
  Desired,
  DesiredApp,
  InventoryStore,
  ReconcilerEvents,
  SuspendableReconciler,
} from './reconciler.port.js';

const CONCURRENT_CALLS = 24;
const FIRST_KIND_POLL_MS = 100;
const LAST_KIND_POLL_MS = 10_000;

export interface ReconcilerOptions {
  readonly client: KubeClient;
  readonly store: InventoryStore;
  readonly events: ReconcilerEvents;
  readonly clock: Clock;
}

/** Keeps every app of the cluster as the newest desired state says. */
export class Reconciler implements SuspendableReconciler, ClusterView {
  private readonly apps = new Map<string, AppReconciler>();
  private readonly context: ReconcileContext;
  private readonly watches: ResourceWatches;
  private wanted = new Map<string, string[]>();
  /** By app: its entry as text, to see what changed. */
  private readonly entries = new Map<string, string>();
  /** Apps that wait for another one. */
  private readonly waiting = new Set<string>();
  private suspended: ReadonlyMap<string, number> = new Map();
  private asked: ReadonlySet<string> = new Set();
  private pending: Desired | undefined;
  private version: Version | undefined;
  private started = false;
  private kindTimer: NodeJS.Timeout | undefined;
  private kindDelay = FIRST_KIND_POLL_MS;

  constructor(private readonly options: ReconcilerOptions) {
    this.watches = new ResourceWatches(options.client, this);
    this.context = {
      ...options,
      events: {
        report: (report) => options.events.report(report),
        event: (event) => options.events.event(event),
        removed: (app) => this.removed(app),
      },
      watches: this.watches,
      calls: new Limiter(CONCURRENT_CALLS),
      cluster: this,
      owners: new OwnerIndex(),
    };
  }

  async start(): Promise<void> {
    const [inventories] = await Promise.all([this.options.store.load(), this.options.client.discovery.refresh()]);
    const types = new Map<string, ResourceType>();
    for (const [app, inventory] of inventories) {
      this.apps.set(app, new AppReconciler(this.context, app, inventory));
      for (const entry of inventory.entries) {
        const type = this.options.client.discovery.findKind(entry.group, entry.kind);
        if (type !== undefined) types.set(`${type.group}/${type.resource}`, type);
      }
    }
    for (const app of this.apps.values()) app.state.resolveWanted(this.options.client.discovery);
    await Promise.all([...types.values()].map((type) => this.watches.ensure(type)));
    this.started = true;
    if (this.pending !== undefined) this.setDesired(this.pending);
  }

  async stop(): Promise<void> {
    clearTimeout(this.kindTimer);
    this.started = false;
    await this.watches.stop();
    await Promise.all([...this.apps.values()].map((app) => app.stop()));
  }

  setDesired(desired: Desired): void {
    if (this.version !== undefined && orderVersions(desired.version, this.version) < 0) return;
    this.pending = desired;
    if (!this.started) return;
    this.version = desired.version;
    this.noteWanted(desired);
    for (const app of desired.apps) this.offer(app, desired.version);
  }

  setSuspended(untilByApp: ReadonlyMap<string, number>): void {
    this.suspended = untilByApp;
    for (const [name, app] of this.apps) app.suspendUntil(untilByApp.get(name) ?? 0);
  }

  setAsked(apps: ReadonlySet<string>): void {
    const names = [...apps, ...this.asked].filter((name) => apps.has(name) !== this.asked.has(name));
    this.asked = apps;
    for (const name of names) this.apps.get(name)?.setAsked(apps.has(name));
  }

  /** Reads everything again before the next write: for a while this agent may not have been the only writer. */
  verify(): void {
    for (const app of this.apps.values()) app.verify();
  }

  /** An app whose entry is the same is left alone. */
  private offer(desired: DesiredApp, version: Version): void {
    const name = desired.entry.app;
    const text = JSON.stringify([desired.entry, desired.pendingRefs]);
    if (this.entries.get(name) === text) return;
    this.entries.set(name, text);
    let app = this.apps.get(name);
    if (app === undefined) {
      const isLost = this.options.store.isLost?.(desired.entry) === true;
      app = new AppReconciler(this.context, name, isLost ? LOST_INVENTORY : EMPTY_INVENTORY);
      this.apps.set(name, app);
    }
    app.setAsked(this.asked.has(name));
    app.suspendUntil(this.suspended.get(name) ?? 0);
    app.setDesired(desired, version);
  }

  private removed(name: string): void {
    this.apps.get(name)?.state.leave();
    this.apps.delete(name);
    this.entries.delete(name);
    this.waiting.delete(name);
    this.options.events.removed(name);
    this.poke('');
  }

  /** Who wants which object, by refKey. */
  private noteWanted(desired: Desired): void {
    const wanted = new Map<string, string[]>();
    const note = (key: string, app: string): void => {
      const apps = wanted.get(key);
      if (apps === undefined) wanted.set(key, [app]);
      else if (!apps.includes(app)) apps.push(app);
    };
    for (const { entry, objects, pendingRefs, policy } of desired.apps) {
      if (entry.life !== 'active') continue;
      for (const object of objects) note(this.scopedKey(object, policy.namespace), entry.app);
      for (const ref of pendingRefs) note(refKey(ref), entry.app);
    }
    this.wanted = wanted;
  }

  private scopedKey(object: KubeObject, namespace: string): string {
    const type = this.options.client.discovery.find(object.apiVersion, object.kind);
    const ref = refOf(object);
    if (type === undefined) return refKey(ref);
    return refKey({ ...ref, namespace: type.namespaced ? (object.metadata.namespace ?? namespace) : '' });
  }

  claims(app: string): ReadonlyMap<string, string> {
    return lazyMap((key) => this.wanted.get(key)?.find((other) => other !== app));
  }

  owners(app: string): ReadonlyMap<string, string> {
    return lazyMap((key) => this.context.owners.otherThan(app, key));
  }

  waitsFor(name: string): string | undefined {
    const app = this.apps.get(name);
    const desired = app?.state.desired;
    if (desired === undefined) return undefined;
    if (desired.entry.life !== 'active') return this.dependantOf(name);
    return desired.policy.dependsOn.find((other) => this.apps.get(other)?.isReady !== true);
  }

  /** On removal the order is reversed: who depends on an app goes before it. */
  private dependantOf(name: string): string | undefined {
    for (const [other, app] of this.apps) {
      const desired = app.state.desired;
      if (desired?.entry.life === 'prune' && desired.policy.dependsOn.includes(name)) return other;
    }
    return undefined;
  }

  /** Former names that nobody wants any more pass on what they own: a rename deletes nothing. */
  async takeOver(name: string): Promise<void> {
    const app = this.apps.get(name);
    for (const former of app?.state.desired?.policy.formerly ?? []) {
      const old = this.apps.get(former);
      if (app === undefined || old === undefined || old.state.desired?.entry.life === 'active') continue;
      await old.stop();
      const known = app.state.inventory;
      const keys = new Set(known.entries.map((entry) => refKey(entry)));
      const entries = [...known.entries, ...old.state.inventory.entries.filter((entry) => !keys.has(refKey(entry)))];
      const merged = { ...known, entries, complete: false };
      await this.options.store.save(name, merged);
      app.state.takeInventory(merged);
      await this.options.store.remove(former);
      this.removed(former);
    }
  }

  poke(name: string): void {
    for (const waiting of name === '' ? [...this.waiting] : [name]) this.apps.get(waiting)?.pokeWaiting();
  }

  noteWaiting(name: string, isWaiting: boolean): void {
    if (isWaiting) this.waiting.add(name);
    else this.waiting.delete(name);
  }

  missesKind(): void {
    this.kindTimer ??= setTimeout(() => void this.lookForKinds(), this.kindDelay).unref();
  }

  /** A kind of our own was established: what waits for it goes on as soon as discovery shows it. */
  kindEstablished(): void {
    clearTimeout(this.kindTimer);
    this.kindTimer = undefined;
    this.kindDelay = FIRST_KIND_POLL_MS;
    if ([...this.apps.values()].some((app) => app.missesKinds)) void this.lookForKinds();
  }

  private async lookForKinds(): Promise<void> {
    this.kindTimer = undefined;
    this.kindDelay = Math.min(LAST_KIND_POLL_MS, this.kindDelay * 2);
    const isChanged = await this.options.client.discovery.refresh().catch(() => false);
    const missing = [...this.apps.values()].filter((app) => app.missesKinds);
    if (isChanged) for (const app of missing) app.resolveAgain();
    else if (missing.length > 0) this.missesKind();
  }

  changed(object: KubeObject): void {
    this.ownerOf(object)?.changed(object);
  }

  deleted(object: KubeObject): void {
    this.ownerOf(object)?.deleted(object);
  }

  listed(type: ResourceType, objects: readonly KubeObject[]): void {
    const present = new Set(objects.map((object) => refKey(refOf(object))));
    for (const object of objects) this.changed(object);
    for (const app of this.apps.values()) app.listed(type, present);
  }

  interrupted(type: ResourceType): void {
    for (const app of this.apps.values()) app.setBlind(type, true);
  }

  live(type: ResourceType): void {
    for (const app of this.apps.values()) app.setBlind(type, false);
  }

  private ownerOf(object: KubeObject): AppReconciler | undefined {
    return this.apps.get(object.metadata.labels?.[OWNER_LABEL] ?? '');
  }
}

/** A map that looks up on demand: most plans ask for few keys. */
function lazyMap(find: (key: string) => string | undefined): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  map.get = find;
  map.has = (key) => find(key) !== undefined;
  return map;
}
