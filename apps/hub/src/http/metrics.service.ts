import { Inject, Injectable } from '@nestjs/common';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import { FleetCountsRepository } from './fleet-counts.repository.js';

/** Prometheus metrics of the hub: bounded counts, never a label per object. */
@Injectable()
export class MetricsService {
  private readonly registry = new Registry();

  constructor(
    @Inject(HubEvents) events: HubEvents,
    @Inject(LeaderService) leader: LeaderService,
    @Inject(FleetCountsRepository) counts: FleetCountsRepository,
  ) {
    collectDefaultMetrics({ register: this.registry });
    const registers = [this.registry];
    const reports = new Counter({ name: 'flotilla_reports_total', help: 'Reports stored.', registers });
    const assignments = new Counter({
      name: 'flotilla_assignments_total',
      help: 'Clusters assigned something new.',
      registers,
    });
    const sent = new Counter({
      name: 'flotilla_desired_states_sent_total',
      help: 'Desired states sent to agents.',
      registers,
    });
    const moves = new Counter({
      name: 'flotilla_source_moves_total',
      help: 'Commits that sources moved to.',
      registers,
    });
    events.on('reportsStored', ({ appIds }) => reports.inc(appIds.length));
    events.on('assigned', ({ clusterIds }) => assignments.inc(clusterIds.length));
    events.on('published', () => sent.inc());
    events.on('sourceMoved', () => moves.inc());
    new Gauge({
      name: 'flotilla_leader',
      help: '1 while this hub leads.',
      registers,
      collect() {
        this.set(leader.leading ? 1 : 0);
      },
    });
    this.gauge('flotilla_clusters', 'Clusters by state.', async (gauge) => {
      for (const { state, count } of await counts.clusters()) gauge.set({ state }, count);
    });
    this.gauge('flotilla_targets', 'Targets by state.', async (gauge) => {
      for (const { state, count } of await counts.targets()) gauge.set({ state }, count);
    });
  }

  private gauge(name: string, help: string, read: (gauge: Gauge<'state'>) => Promise<void>): void {
    new Gauge({
      name,
      help,
      labelNames: ['state'] as const,
      registers: [this.registry],
      async collect() {
        this.reset();
        await read(this);
      },
    });
  }

  print(): Promise<string> {
    return this.registry.metrics();
  }
}
