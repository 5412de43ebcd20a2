import type { AppObject, AppReport } from '@flotilla/domain';
import { parseSuspension, renderAppObject } from '@flotilla/domain';
import type { Logger } from '@flotilla/telemetry';
import type {
  Clock,
  Desired,
  ReconcilerEvents,
  ReconcilerPort,
  SuspendableReconciler,
} from '../reconcile/reconciler.port.js';
import type { AppObjects, SeenAppObject } from './app-objects.port.js';

const PUBLISH_MS = 2_000;
const LAST_RETRY_MS = 60_000;
/** Between two writes: first deployments of many apps go first. */
const PAUSE_MS = 20;

export interface LocalOptions {
  readonly objects: AppObjects;
  readonly events: ReconcilerEvents;
  readonly clock: Clock;
  readonly logger: Logger;
  /** How long changes are gathered before they are written, in ms. */
  readonly publishMs?: number;
  make(events: ReconcilerEvents): SuspendableReconciler;
}

interface Parent {
  report: AppReport | undefined;
  seen: SeenAppObject | undefined;
  /** Unix ms; 0 when it is not suspended here. */
  suspendedUntil: number;
  removed: boolean;
}

/**
 * What people who have only this cluster see and do: each app's parent object says how the app is, and an annotation on it
 * suspends the app, with the hub or without it.
 */
export class LocalReconciler implements ReconcilerPort {
  private readonly inner: SuspendableReconciler;
  private readonly parents = new Map<string, Parent>();
  private readonly dirty = new Set<string>();
  private readonly stopping = new AbortController();
  private publishTimer: NodeJS.Timeout | undefined;
  private expiryTimer: NodeJS.Timeout | undefined;
  private publishing: Promise<void> = Promise.resolve();
  private failures = 0;

  constructor(private readonly options: LocalOptions) {
    const { events } = options;
    this.inner = options.make({
      report: (report) => {
        Object.assign(this.parentOf(report.app), { report, removed: false });
        this.touch(report.app);
        events.report(report);
      },
      removed: (app) => {
        Object.assign(this.parentOf(app), { report: undefined, removed: true });
        this.touch(app);
        events.removed(app);
      },
      event: (event) => events.event(event),
    });
  }

  setDesired(desired: Desired): void {
    this.inner.setDesired(desired);
  }

  setAsked(apps: ReadonlySet<string>): void {
    this.inner.setAsked(apps);
  }

  /** Suspensions are known before the first thing is applied. */
  async start(): Promise<void> {
    await this.options.objects.follow(this.stopping.signal, (object, gone) => this.take(object, gone));
    this.suspend();
    try {
      await this.inner.start();
    } catch (error) {
      this.stopping.abort();
      throw error;
    }
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.publishTimer);
    clearTimeout(this.expiryTimer);
    await this.publishing;
    await this.inner.stop();
  }

  private parentOf(app: string): Parent {
    const known = this.parents.get(app);
    if (known !== undefined) return known;
    const parent: Parent = { report: undefined, seen: undefined, suspendedUntil: 0, removed: false };
    this.parents.set(app, parent);
    return parent;
  }

  private take(object: SeenAppObject, gone: boolean): void {
    const parent = this.parentOf(object.app);
    const before = parent.seen?.suspend;
    parent.seen = gone ? undefined : object;
    // A duration counts from when it is first seen.
    if (parent.seen?.suspend !== before) this.takeSuspension(parent, parent.seen?.suspend ?? '');
    if (this.hasWork(parent)) this.touch(object.app);
  }

  private takeSuspension(parent: Parent, text: string): void {
    const until = text === '' ? 0 : (parseSuspension(text, this.options.clock.now()) ?? 0);
    if (until === parent.suspendedUntil) return;
    parent.suspendedUntil = until;
    this.suspend();
  }

  private suspend(): void {
    const now = this.options.clock.now();
    const until = [...this.parents].flatMap(([app, { suspendedUntil }]): [string, number][] =>
      suspendedUntil > now ? [[app, suspendedUntil]] : [],
    );
    this.inner.setSuspended(new Map(until));
    clearTimeout(this.expiryTimer);
    const soonest = Math.min(...until.map(([, at]) => at));
    if (soonest === Infinity || this.stopping.signal.aborted) return;
    this.expiryTimer = setTimeout(() => this.expire(), soonest - now + 1);
    this.expiryTimer.unref();
  }

  private expire(): void {
    for (const [app, parent] of this.parents) if (this.hasWork(parent)) this.touch(app);
    this.suspend();
  }

  private touch(app: string): void {
    this.dirty.add(app);
    this.publishLater();
  }

  private publishLater(): void {
    if (this.publishTimer !== undefined || this.stopping.signal.aborted) return;
    const { publishMs = PUBLISH_MS } = this.options;
    const waitMs = Math.min(LAST_RETRY_MS, publishMs * 2 ** this.failures);
    this.publishTimer = setTimeout(() => {
      this.publishing = this.publish();
    }, waitMs);
    this.publishTimer.unref();
  }

  private async publish(): Promise<void> {
    for (const app of [...this.dirty]) {
      if (this.stopping.signal.aborted) return;
      this.dirty.delete(app);
      if (!(await this.tryPublish(app))) break;
    }
    this.publishTimer = undefined;
    if (this.dirty.size > 0) this.publishLater();
  }

  private async tryPublish(app: string): Promise<boolean> {
    try {
      await this.publishOne(app);
      this.failures = 0;
      return true;
    } catch (error) {
      this.failures += 1;
      this.dirty.add(app);
      this.options.logger.debug({ reason: (error as Error).message }, 'cannot write the parent object of an app');
      return false;
    }
  }

  private async publishOne(app: string): Promise<void> {
    const parent = this.parentOf(app);
    const { objects } = this.options;
    if (parent.removed) {
      await objects.remove(app);
      if (parent.removed) this.parents.delete(app);
      return;
    }
    const wanted = this.render(parent);
    if (wanted !== undefined && !isShown(wanted, parent.seen)) {
      await objects.write(app, wanted, parent.seen === undefined);
      parent.seen = { ...wanted, app, suspend: parent.seen?.suspend ?? '' };
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    const annotation = this.annotationFor(parent);
    if (annotation !== undefined) await objects.annotate(app, annotation);
  }

  private hasWork(parent: Parent): boolean {
    const wanted = this.render(parent);
    return (wanted !== undefined && !isShown(wanted, parent.seen)) || this.annotationFor(parent) !== undefined;
  }

  private render({ report, seen, suspendedUntil }: Parent): AppObject | undefined {
    if (report === undefined) return undefined;
    const text = seen?.suspend ?? '';
    if (suspendedUntil > this.options.clock.now()) return renderAppObject(report, `until ${printTime(suspendedUntil)}`);
    const isUnread = text !== '' && suspendedUntil === 0;
    return renderAppObject(report, isUnread ? `"${text}" is neither a duration (1h) nor a time (RFC 3339)` : '');
  }

  /** The annotation as it should be, when it is not: a duration is fixed to its end, what is over is taken off. */
  private annotationFor({ seen, suspendedUntil }: Parent): string | undefined {
    if (seen === undefined || seen.suspend === '' || suspendedUntil === 0) return undefined;
    if (suspendedUntil <= this.options.clock.now()) return '';
    return Date.parse(seen.suspend) === suspendedUntil ? undefined : printTime(suspendedUntil);
  }
}

function printTime(at: number): string {
  return new Date(at).toISOString();
}

function isShown(wanted: AppObject, seen: SeenAppObject | undefined): boolean {
  if (seen === undefined) return false;
  const isIn = (mine: AppObject['data'], theirs: AppObject['data']): boolean =>
    Object.entries(mine).every(([key, value]) => theirs[key] === value);
  return isIn(wanted.labels, seen.labels) && isIn(wanted.data, seen.data);
}
