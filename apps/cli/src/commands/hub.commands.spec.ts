import { expect, it } from 'vitest';
import { startStubHub } from './stub-hub.fixture.js';

const version = { version: '0.1.0', now: '2026-11-25T12:00:00Z' };

function hubWith(hub: object): ReturnType<typeof startStubHub> {
  const summary = { healthy: true, hub: { role: 'leader', ...hub }, clusters: { connected: 2 }, targets: {} };
  const why = { rollout: null, failed: [], unhealthy: [], removals: [], frozenBecause: null, next: [] };
  return startStubHub({
    '/api/v1/summary': summary,
    '/api/v1/version': version,
    '/api/v1/apps/web/why': why,
    '/api/v1/problems': { items: [], next: null },
  });
}

it('hub status says that it decides', async () => {
  await using stub = await hubWith({ mode: 'normal', reason: null, since: null });
  const { code, out } = await stub.run('hub', 'status');
  expect(code).toBe(0);
  expect(out).toMatch(
    /^hub {3}decides and sends\n {6}leader at http:\/\/127\.0\.0\.1:\d+, version 0\.1\.0; clusters: 2 connected\n$/,
  );
});

it('hub status says that the database is older than what agents hold, what that means and what to do, and why says so first', async () => {
  const reason = 'timeTravel: eu-1 has seen version 1.3 and epoch 2, this database is at 1.2 and 2';
  await using stub = await hubWith({ mode: 'timeTravel', reason, since: new Date(Date.now() - 65_000).toISOString() });
  const lines = [
    /^hub {3}timeTravel for \d+m\d+s: eu-1 has seen version 1\.3/,
    /^ {6}the database is older than what agents have seen: .*nothing is decided or sent/,
    /^do {4}stop the hub and restore the newest backup/,
  ];
  for (const command of [
    ['hub', 'status'],
    ['why', 'web'],
  ]) {
    const { code, out } = await stub.run(...command);
    expect(code).toBe(1);
    lines.forEach((line, i) => expect(out.split('\n')[i]).toMatch(line));
  }
  expect((await stub.run('hub', 'status', '-o', 'json')).out).toContain('"mode": "timeTravel"');
});
