import type { AppReport } from '@flotilla/domain';
import type {
  Clock,
  Desired,
  DesiredApp,
  ReconcilerEvents,
  SuspendableReconciler,
} from '../reconcile/reconciler.port.js';

/** Applies nothing and reports at once what a healthy cluster would. */
export class InstantReconciler implements SuspendableReconciler {
  private healthySince = new Map<string, number>();
  private known = new Map<string, string>();

  constructor(
    private readonly events: ReconcilerEvents,
    private readonly clock: Clock,
  ) {}

  setDesired(desired: Desired): void {
    for (const app of desired.apps) this.evaluate(app);
  }

  setSuspended(): void {
    // A simulated cluster has nobody who could suspend anything in it.
  }

  setAsked(): void {
    // A simulated cluster holds nothing that could be taken along.
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  private evaluate({ entry, objects }: DesiredApp): void {
    const sign = `${entry.since.generation}.${entry.since.number}/${entry.bundle}/${entry.policy}/${entry.life}`;
    if (this.known.get(entry.app) === sign) return;
    this.known.set(entry.app, sign);
    if (entry.life === 'active') this.events.report(this.healthy(entry, objects.length));
    else this.events.removed(entry.app);
  }

  private healthy(entry: DesiredApp['entry'], objects: number): AppReport {
    const now = this.clock.monotonic();
    const since = this.healthySince.get(entry.app) ?? now;
    this.healthySince.set(entry.app, since);
    return {
      app: entry.app,
      evaluated: entry.since,
      appliedBundle: entry.bundle,
      appliedPolicy: entry.policy,
      attemptedBundle: entry.bundle,
      attemptedPolicy: entry.policy,
      phase: 'applied',
      health: 'healthy',
      healthyForMs: now - since,
      lossCount: 0,
      objects,
      objectsReady: objects,
      problems: [],
      drifted: 0,
      drifts: [],
      deletionSet: undefined,
      deletions: [],
      failedFast: false,
      writes: 0,
    };
  }
}
