import { expect, it } from 'vitest';
import type { Schemas } from '../api/client.js';
import { eventLines } from './print-events.js';

const ref = { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' };

function drift(seenAt: number, more: Partial<Schemas['DriftDto']> = {}): Schemas['DriftDto'] {
  const edited = { ref, kind: 'edited', field: '/spec/replicas', wanted: '1', live: '2', manager: 'kubectl' } as const;
  return { ...edited, at: seenAt, healed: true, seenAt, healedAt: seenAt + 9, left: '', ...more };
}

function event(at: string, kind: string, detail: object): Schemas['EventDto'] {
  return { id: at, at, app: 'web', cluster: 'eu-1', kind, release: 4, detail: detail as Record<string, unknown> };
}

it('a drift is told once, though each later report repeats it, and alike ones are counted', () => {
  const first = drift(1, { healed: false });
  const lines = eventLines([
    event('t1', 'drift', { drifts: [first] }),
    event('t2', 'drift', { drifts: [drift(1)] }),
    event('t3', 'drift', { drifts: [drift(1), drift(2), drift(3), drift(4, { kind: 'deleted', field: '' })] }),
    event('t4', 'drift', { drifts: [drift(1), drift(2), drift(3), drift(4, { kind: 'deleted', field: '' })] }),
    event('t5', 'drift', { drifts: [] }),
    event('t6', 'drift', { drifts: [] }),
  ]);
  const edited = 'web #4 on eu-1   drift   Deployment web/web: /spec/replicas by kubectl';
  expect(lines).toEqual([
    `t1   ${edited}`,
    `t2   ${edited}, healed`,
    `t3   ${edited}, healed (2 times); Deployment web/web: deleted, healed`,
    't5   web #4 on eu-1   drift   none any more',
  ]);
});

it('says what became of health, bundle and rest', () => {
  const problems = [{ ref, code: 'ImagePullBackOff', message: 'web: not found', summary: '' }];
  expect(
    eventLines([
      event('t1', 'health', { from: 'progressing', to: 'failed', problems }),
      event('t2', 'applied', { bundle: 'b7f3a91' }),
      event('t3', 'life', { because: 'the app is gone\u001b[2J' }),
    ]),
  ).toEqual([
    't1   web #4 on eu-1   health   progressing → failed: ImagePullBackOff  "web: not found"',
    't2   web #4 on eu-1   applied   bundle b7f3a91',
    't3   web #4 on eu-1   life   the app is gone·[2J',
  ]);
});
