import type { AppReport, Health } from '@flotilla/domain';
import type { AppState } from './app-state.js';
import type { PassFacts } from './build-report.js';
import { buildReport, reportKey } from './build-report.js';
import type { ReconcileContext } from './reconcile-context.js';

/** What the last pass found; the rest of a report is kept here. */
export type FoundFacts = Omit<PassFacts, 'healthyForMs' | 'lossCount' | 'writes'>;

/** Tells of an app what changed, and nothing twice. Measures health by the monotonic clock. */
export class AppReporter {
  writes = 0;
  private last: AppReport | undefined;
  private lastKey = '';
  private healthySince: number | undefined;
  private lossCount = 0;

  constructor(
    private readonly context: ReconcileContext,
    private readonly state: AppState,
  ) {}

  /** All of what was applied last is healthy. */
  get isReady(): boolean {
    return this.readyWith !== '';
  }

  /** What is ready; empty when the app is not. */
  private get readyWith(): string {
    if (this.last?.phase !== 'applied' || this.last.health !== 'healthy') return '';
    const { appliedBundle = '', appliedPolicy = '' } = this.last;
    return `${appliedBundle}/${appliedPolicy}`;
  }

  /** Another bundle or policy is wanted: what was lost before does not count for it. */
  startOver(): void {
    this.lossCount = 0;
    this.healthySince = undefined;
  }

  publish(found: FoundFacts): void {
    const before = this.readyWith;
    const report = this.build(found);
    const key = reportKey(report);
    if (key === this.lastKey) return;
    this.lastKey = key;
    this.last = report;
    this.context.events.report(report);
    if (before !== this.readyWith) this.context.cluster.poke('');
  }

  private build(found: FoundFacts): AppReport {
    const { writes } = this;
    const first = buildReport(this.state, { ...found, writes, healthyForMs: 0, lossCount: this.lossCount });
    this.noteHealth(first.health);
    const since = this.healthySince;
    const healthyForMs = since === undefined ? 0 : Math.floor(this.context.clock.monotonic() - since);
    return { ...first, healthyForMs, lossCount: this.lossCount };
  }

  private noteHealth(health: Health): void {
    if (health === 'healthy') {
      this.healthySince ??= this.context.clock.monotonic();
      return;
    }
    if (this.healthySince !== undefined) this.lossCount += 1;
    this.healthySince = undefined;
  }
}
