import type { AppPhase, AppReport } from '@flotilla/domain';
import type { AnswerObserver } from '@flotilla/kube';
import { Counter, Gauge, Registry } from 'prom-client';
import type { ReconcileEvent, ReconcilerEvents } from './reconcile/reconciler.port.js';

/** What is read when somebody scrapes. */
export interface MeasuredAgent {
  readonly connected: boolean;
  readonly held: { readonly version: { readonly generation: number; readonly number: number } };
  readonly reports: { readonly unstoredCount: number };
}

/** Prometheus metrics of the agent: bounded counts, never a label per app or object. */
export class AgentMetrics {
  private readonly registry = new Registry();
  private readonly phases = new Map<string, AppPhase>();
  private readonly healed: Counter;
  private readonly calls: Counter<'verb' | 'code'>;
  private readonly repaired: Counter;
  private agent: MeasuredAgent | undefined;

  constructor() {
    const registers = [this.registry];
    this.repaired = new Counter({
      name: 'flotilla_agent_records_restored_total',
      help: 'Secrets of the agent that were deleted or changed by hand and written again.',
      registers,
    });
    this.healed = new Counter({
      name: 'flotilla_agent_drift_healed_total',
      help: 'Writes that took drift back.',
      registers,
    });
    this.calls = new Counter({
      name: 'flotilla_agent_api_calls_total',
      help: 'Calls to the API server by verb and status; code 0: no answer.',
      labelNames: ['verb', 'code'],
      registers,
    });
    this.gauge('flotilla_agent_connected', '1 while there is a session with the hub.', ({ connected }) =>
      Number(connected),
    );
    this.gauge(
      'flotilla_agent_desired_generation',
      'Generation of the desired state held.',
      ({ held }) => held.version.generation,
    );
    this.gauge('flotilla_agent_desired_number', 'Number of the desired state held.', ({ held }) => held.version.number);
    this.gauge(
      'flotilla_agent_reports_queued',
      'Apps whose newest report the hub has not stored.',
      ({ reports }) => reports.unstoredCount,
    );
    const phases = this.phases;
    new Gauge({
      name: 'flotilla_agent_apps',
      help: 'Apps by phase.',
      labelNames: ['phase'] as const,
      registers,
      collect() {
        this.reset();
        for (const phase of phases.values()) this.inc({ phase });
      },
    });
    new Gauge({
      name: 'process_resident_memory_bytes',
      help: 'Resident memory.',
      registers,
      collect() {
        this.set(process.memoryUsage.rss());
      },
    });
  }

  private gauge(name: string, help: string, read: (agent: MeasuredAgent) => number): void {
    const value = (): number => (this.agent === undefined ? 0 : read(this.agent));
    new Gauge({
      name,
      help,
      registers: [this.registry],
      collect() {
        this.set(value());
      },
    });
  }

  measure(agent: MeasuredAgent): void {
    this.agent = agent;
  }

  /** Counts answers of the API server. */
  readonly answered: AnswerObserver = ({ method, status }) => {
    this.calls.inc({ verb: method.toLowerCase(), code: String(status) });
  };

  /** A Secret of the agent was put right. */
  restored(): void {
    this.repaired.inc();
  }

  /** Hears what the reconciler tells, and passes it on. */
  follow(events: ReconcilerEvents): ReconcilerEvents {
    return {
      report: (report: AppReport) => {
        this.phases.set(report.app, report.phase);
        events.report(report);
      },
      removed: (app) => {
        this.phases.delete(app);
        events.removed(app);
      },
      event: (event: ReconcileEvent) => {
        if (event.type === 'applied' && (event.reason === 'drift' || event.reason === 'recreate')) this.healed.inc();
        events.event(event);
      },
    };
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  print(): Promise<string> {
    return this.registry.metrics();
  }
}
