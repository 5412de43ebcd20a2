import { expect, it } from 'vitest';
import type { Schemas } from '../api/client.js';
import type { Status } from './print-status.js';
import { printStatus } from './print-status.js';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const plain = (_: string, text: string): string => text;
const before = (seconds: number): string => new Date(NOW - seconds * 1_000).toISOString();

function target(cluster: string, seconds: number, more: object = {}): Schemas['TargetDto'] {
  const ref = { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' };
  const summary = `1 of 3 new pods stuck ${seconds}s, 3 of 3 old pods serving`;
  const problems = [{ ref, code: 'ImagePullBackOff', message: 'not found', summary }];
  const target = {
    app: 'web',
    cluster,
    state: 'failed',
    problems,
    lifeBecause: '',
    observedAt: before(seconds),
    ...more,
  };
  return target as unknown as Schemas['TargetDto'];
}

function status(more: Partial<Status>): Status {
  const hub = { mode: 'normal', reason: null };
  const summary = { healthy: false, hub, clusters: { connected: 200 }, targets: { failed: 200 } };
  const base = { summary, problems: [], unhealthy: [], approvals: [], apps: [] };
  return { ...base, ...more } as unknown as Status;
}

const lines = (more: Partial<Status>): string[] => printStatus(status(more), plain, NOW).split('\n');

it('200 clusters that fail alike are one line, with the age of the oldest observation', () => {
  const unhealthy = Array.from({ length: 200 }, (_, i) => target(`c${i}`, 10 + (i % 50)));
  expect(lines({ unhealthy })).toEqual([
    'failed   web on 200 clusters: c0, c1, c2, c3, c4, …   ImagePullBackOff: 1 of 3 new pods stuck, 3 of 3 old pods serving   observed 59s ago',
    'clusters  200 connected',
    'targets   200 failed',
  ]);
});

it('many different reasons are cut, and it says where the rest is', () => {
  const unhealthy = Array.from({ length: 30 }, (_, i) => target('eu-1', 1, { app: `app-${i}` }));
  const shown = lines({ unhealthy });
  expect(shown).toHaveLength(13);
  expect(shown[10]).toBe('… 20 more   → flotilla get targets --unhealthy');
});

it('approvals of one kind and app are one line with the next command', () => {
  const approval = (cluster: string, seconds: number): object => {
    return { kind: 'removal', app: 'dns', cluster, wave: null, since: before(seconds) };
  };
  const approvals = [approval('eu-1', 5), approval('eu-2', 9)] as unknown as Status['approvals'];
  expect(lines({ approvals })[0]).toBe(
    'approval   removal of dns on eu-1, eu-2 waits for 9s   → flotilla removal list dns',
  );
});

it('a problem without a file is not placed in line 0', () => {
  const problem = { file: '', line: 0, message: 'no route to host', subjectKind: 'Source', subjectName: 'fleet' };
  expect(lines({ problems: [problem] as unknown as Status['problems'] })[0]).toBe(
    'problem   no route to host   (Source fleet: its last good commit stays in force)',
  );
});

it('shows the apps that are not well first where there are many', () => {
  const apps = Array.from({ length: 40 }, (_, i) => {
    return { name: `app-${i}`, release: null, rollout: null, targets: { [i === 39 ? 'failed' : 'healthy']: 1 } };
  });
  const shown = lines({ apps: apps as unknown as Status['apps'] });
  expect(shown[4]).toMatch(/^app-39 .*1 failed/);
  expect(shown.at(-1)).toBe('… 10 more   → flotilla get apps');
});
