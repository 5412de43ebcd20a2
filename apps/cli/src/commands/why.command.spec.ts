import { expect, it } from 'vitest';
import { startStubHub } from './stub-hub.fixture.js';

const summary = { hub: { role: 'leader', mode: 'normal', reason: null, since: null } };
const DEPLOYMENT = { group: 'apps', kind: 'Deployment', namespace: 'web', name: 'web' };
const cause = {
  ref: { ...DEPLOYMENT, namespace: '' },
  change: 'changed',
  field: 'spec.template.spec.containers[web].image',
  before: '"registry.acme.example/web:1.4.0"',
  after: '"registry.acme.example/web:1.5.O"',
  release: 4,
  file: 'apps/web/values.yaml',
  line: 7,
};
const problem = {
  ref: DEPLOYMENT,
  code: 'ImagePullBackOff',
  message: 'registry.acme.example/web:1.5.O: not found',
  summary: '1 of 3 new pods stuck 61s, 3 of 3 old pods serving',
};

function failed(cluster: string, causes: readonly object[]): object {
  const at = new Date().toISOString();
  const counts = { objects: 1, objectsReady: 0, health: 'failed', reason: 'failedFast', message: '', wave: 'canary' };
  return {
    cluster,
    ...counts,
    problems: [problem],
    failedAt: at,
    reportedAt: new Date(0).toISOString(),
    observedAt: at,
    bundle: 'b7f3a91',
    proven: 3,
    causes,
  };
}

function hub(targets: readonly object[]) {
  const next = ['push a fix (replaces #4 at once)', 'flotilla rollout rollback web --reason "…"'];
  const why = { rollout: null, failed: targets, unhealthy: [], removals: [], frozenBecause: null, next };
  return startStubHub({
    '/api/v1/apps/web/why': why,
    '/api/v1/problems': { items: [], next: null },
    '/api/v1/summary': summary,
  });
}

it('says of what is not healthy yet which object holds it, and why', async () => {
  const ref = { group: '', kind: 'Service', namespace: 'web', name: 'front' };
  const problem = { ref, code: 'noIngress', message: 'the load balancer has no address yet', summary: '' };
  const reportedAt = new Date(0).toISOString();
  const observedAt = new Date().toISOString();
  const target = {
    cluster: 'eu-1',
    wave: 'all',
    allowed: 2,
    applied: null,
    health: 'progressing',
    reportedAt,
    observedAt,
  };
  const why = { rollout: null, failed: [], unhealthy: [{ ...target, problem }], removals: [], frozenBecause: null };
  await using stub = await startStubHub({
    '/api/v1/apps/web/why': { ...why, next: [] },
    '/api/v1/problems': { items: [], next: null },
    '/api/v1/summary': summary,
  });
  const { code, out } = await stub.run('why', 'web');
  expect(code).toBe(1);
  expect(out).toContain('eu-1  progressing   allowed #2, applied nothing   Service web/front  noIngress');
  expect(out).toContain('the load balancer has no address yet');
});

it('shows who failed, why, and which change brought it', async () => {
  await using stub = await hub([failed('eu-1', [cause])]);
  const { code, out } = await stub.run('why', 'web');
  expect(code).toBe(1);
  expect(out.replace(/observed \ds/, 'observed 2s')).toBe(
    `eu-1  FAILED  Deployment web/web  1 of 3 new pods stuck 61s, 3 of 3 old pods serving
      ImagePullBackOff  "registry.acme.example/web:1.5.O: not found"   observed 2s ago, bundle b7f3a91
      changed in #4: containers[web].image  web:1.4.0 → web:1.5.O   apps/web/values.yaml:7
do    push a fix (replaces #4 at once)   |   flotilla rollout rollback web --reason "…"
`,
  );
});

it('says a change once for all clusters, names another object, and no value of a Secret', async () => {
  const secret = { ref: { group: '', kind: 'Secret', namespace: '', name: 'keys' }, field: 'data.key' };
  const hidden = { ...cause, ...secret, before: null, after: null, file: null, line: null };
  await using stub = await hub([failed('eu-1', [hidden]), failed('eu-2', [hidden])]);
  const { out } = await stub.run('why', 'web');
  expect(out.split('\n').filter((line) => line.includes('changed in'))).toEqual([
    '      changed in #4: Secret keys data.key',
  ]);
});

it('shows what is wrong with an app that was never right, though the hub does not know it', async () => {
  const place = {
    file: 'odd/flotilla.yaml',
    line: 1,
    message: '"v1" is not one of flotilla.dev/v1alpha1',
    hint: 'Give it.',
  };
  const problem = { ...place, severity: 'error', subjectKind: 'App', subjectName: 'odd' };
  await using hub = await startStubHub({
    '/api/v1/problems': { items: [problem], next: null },
    '/api/v1/summary': summary,
  });
  const { code, err } = await hub.run('why', 'odd');
  expect(code).toBe(1);
  expect(err).toContain('odd does not run anywhere: no definition of it was right so far');
  expect(err).toContain('odd/flotilla.yaml:1  "v1" is not one of flotilla.dev/v1alpha1   → Give it.');
});
