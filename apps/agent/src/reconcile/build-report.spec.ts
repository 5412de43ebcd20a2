import type { HealthVerdict, WorkloadReason } from '@flotilla/domain';
import { refKey } from '@flotilla/domain';
import { describe, expect, it } from 'vitest';
import { AppState } from './app-state.js';
import { buildReport } from './build-report.js';
import { DriftLog } from './drift-log.js';

const entryOf = (name: string) => ({ group: 'apps', kind: 'Deployment', namespace: 'web', name, uid: `uid-${name}` });

const OBJECT = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'any' } };
const STARTING: HealthVerdict = { health: 'progressing', code: 'replicasUnavailable', message: '0 of 1 available' };

/** An app of the objects that are named, each wanted and progressing, and one that an agent's look at its Pods explains. */
function reportOf(names: readonly string[], reasons: Readonly<Record<string, WorkloadReason>>) {
  const state = new AppState('web');
  for (const name of names) {
    const tracked = state.track(entryOf(name));
    tracked.wanted = { ref: tracked.ref, digest: name, place: { phase: 0, rank: 0 }, object: OBJECT };
    tracked.verdict = STARTING;
  }
  return buildReport(state, {
    plan: undefined,
    suspended: false,
    waitsFor: undefined,
    healthyForMs: 0,
    lossCount: 0,
    writes: 0,
    drifts: new DriftLog(),
    obstacles: [],
    strays: '',
    reasons: new Map(Object.entries(reasons).map(([name, reason]) => [refKey(entryOf(name)), reason])),
  });
}

const STUCK: WorkloadReason = { code: 'ImagePullBackOff', message: 'not found', summary: '', isFinal: false };

describe('the problems of a report', () => {
  it('come worst first, so that what fails the app is not cut off by what only takes its time', () => {
    const names = Array.from({ length: 30 }, (_, i) => `slow-${String(i).padStart(2, '0')}`);
    const { problems, objects } = reportOf([...names, 'z-failed', 'z-stuck'], {
      'z-stuck': STUCK,
      'z-failed': { ...STUCK, isFinal: true },
    });

    expect(objects).toBe(32);
    expect(problems).toHaveLength(20);
    expect(problems.slice(0, 3).map(({ ref }) => ref.name)).toEqual(['z-failed', 'z-stuck', 'slow-00']);
  });
});
