import type { AppReport } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import { HubEvents } from '../events/index.js';
import type { ReceivedReport } from './received-report.js';
import type { ReportRepository, StoredReport } from './report.repository.js';
import { ReportsService } from './reports.service.js';

/** A database that answers when told, and refuses the app `poison`. */
class SlowDatabase {
  readonly batches: string[][] = [];
  private waiting: (() => void)[] = [];

  async save(reports: readonly ReceivedReport[]): Promise<StoredReport[]> {
    this.batches.push(reports.map(({ clusterId, report }) => `${report.app}@${clusterId}`));
    await new Promise<void>((resolve) => this.waiting.push(resolve));
    if (reports.some(({ report }) => report.app === 'poison')) throw new Error('refused');
    return reports.map(({ clusterId, report }) => stored(clusterId, report.app));
  }

  async answer(): Promise<void> {
    for (const resolve of this.waiting.splice(0)) resolve();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function stored(clusterId: number, app: string): StoredReport {
  return { clusterId, appId: 1, app, cluster: 'c', applied: null, health: null, drifted: null };
}

function received(app: string, clusterId: number): ReceivedReport {
  return { clusterId, sessionId: 's', digest: 'aa', report: { app } as AppReport };
}

function made(): { database: SlowDatabase; reports: ReportsService; events: HubEvents } {
  const [database, events] = [new SlowDatabase(), new HubEvents()];
  return { database, events, reports: new ReportsService(database as unknown as ReportRepository, events) };
}

describe('ReportsService', () => {
  it('saves the first report at once and what comes meanwhile together, one per target', async () => {
    const { database, reports, events } = made();
    const told: unknown[] = [];
    events.on('reportsStored', (event) => told.push(event));
    const saved = [
      received('web', 1),
      received('web', 1),
      received('web', 2),
      received('api', 2),
      received('web', 1),
    ].map((one) => reports.save(one));
    expect(database.batches).toEqual([['web@1']]);
    for (let turn = 0; turn < 3; turn += 1) await database.answer();
    await Promise.all(saved);
    expect(database.batches).toEqual([['web@1'], ['web@1', 'web@2', 'api@2'], ['web@1']]);
    expect(told).toContainEqual({ clusterId: 2, appIds: [1, 1] });
  });

  it('lets a report that the database refuses cost no other agent anything', async () => {
    const { database, reports } = made();
    const first = reports.save(received('web', 1));
    const [poison, other] = [reports.save(received('poison', 1)), reports.save(received('web', 2))];
    const outcomes = Promise.allSettled([first, poison, other]);
    for (let turn = 0; turn < 4; turn += 1) await database.answer();
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(database.batches.at(-1)).toEqual(['web@2']);
  });
});
