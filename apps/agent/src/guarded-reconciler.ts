import type { AppReport, ObjectProblem } from '@flotilla/domain';
import type { LocalRules } from './local-rules.js';
import { matchLocalRules } from './local-rules.js';
import type { Desired, DesiredApp, ReconcilerEvents, SuspendableReconciler } from './reconcile/reconciler.port.js';

const MAX_LISTED = 20;

interface Refusal {
  readonly app: DesiredApp;
  readonly problems: readonly ObjectProblem[];
}

/** Keeps from a reconciler what local rules forbid: such an app stays as it was last allowed, and says why. */
export class GuardedReconciler implements SuspendableReconciler {
  private readonly inner: SuspendableReconciler;
  private readonly allowed = new Map<string, DesiredApp>();
  private readonly last = new Map<string, AppReport>();
  private refusals = new Map<string, Refusal>();

  constructor(
    private readonly rules: LocalRules,
    private readonly events: ReconcilerEvents,
    make: (events: ReconcilerEvents) => SuspendableReconciler,
  ) {
    this.inner = make({
      report: (report) => {
        this.last.set(report.app, report);
        events.report(this.withRefusal(report));
      },
      removed: (app) => {
        this.last.delete(app);
        this.allowed.delete(app);
        events.removed(app);
      },
      event: (event) => events.event(event),
    });
  }

  setDesired(desired: Desired): void {
    this.refusals = new Map();
    const apps = desired.apps.flatMap((app) => this.judge(app) ?? []);
    this.inner.setDesired({ ...desired, apps });
    for (const { app } of this.refusals.values()) {
      this.events.report(this.withRefusal(this.last.get(app.entry.app) ?? nothingApplied(app)));
    }
  }

  setSuspended(untilByApp: ReadonlyMap<string, number>): void {
    this.inner.setSuspended(untilByApp);
  }

  setAsked(apps: ReadonlySet<string>): void {
    this.inner.setAsked(apps);
  }

  start(): Promise<void> {
    return this.inner.start();
  }

  stop(): Promise<void> {
    return this.inner.stop();
  }

  /** What goes to the reconciler: the app itself, what it was when it was last allowed, or nothing. */
  private judge(app: DesiredApp): DesiredApp | undefined {
    const name = app.entry.app;
    const problems = matchLocalRules(app, this.rules);
    if (problems.length === 0) this.allowed.set(name, app);
    else this.refusals.set(name, { app, problems });
    return this.allowed.get(name);
  }

  private withRefusal(report: AppReport): AppReport {
    const refusal = this.refusals.get(report.app);
    if (refusal === undefined) return report;
    const problems = [...refusal.problems, ...report.problems].slice(0, MAX_LISTED);
    const { since: evaluated, bundle: attemptedBundle, policy: attemptedPolicy } = refusal.app.entry;
    return { ...report, evaluated, attemptedBundle, attemptedPolicy, phase: 'blocked', failedFast: true, problems };
  }
}

function nothingApplied({ entry, objects }: DesiredApp): AppReport {
  return {
    app: entry.app,
    evaluated: entry.since,
    appliedBundle: undefined,
    appliedPolicy: undefined,
    attemptedBundle: entry.bundle,
    attemptedPolicy: entry.policy,
    phase: 'blocked',
    health: 'unknown',
    healthyForMs: 0,
    lossCount: 0,
    objects: objects.length,
    objectsReady: 0,
    problems: [],
    drifted: 0,
    drifts: [],
    deletionSet: undefined,
    deletions: [],
    failedFast: true,
    writes: 0,
  };
}
