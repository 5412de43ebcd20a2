import { expect, it } from 'vitest';
import { ClusterActs } from '../clusters/index.js';
import { ADMIN, DeliveryHub } from './delivery-hub.fixture.js';

const asked = { reason: 'because', requestId: undefined, dryRun: false, by: ADMIN };

async function labelsOf(hub: DeliveryHub): Promise<unknown> {
  const [row] = await hub.db.query<{ join_labels: unknown }[]>('SELECT join_labels FROM cluster');
  return row?.join_labels;
}

it('acts on a cluster once per request id, never in a dry run, and not where it does not apply', async () => {
  await using hub = await DeliveryHub.start();
  using agent = await hub.join('eu-1');
  await agent.connect();
  const acts = hub.app.get(ClusterActs);
  const label = { kind: 'label', changes: { ring: '2', tier: 'edge' } } as const;
  const before = await labelsOf(hub);

  expect(await acts.act('eu-1', label, { ...asked, dryRun: true })).toMatchObject({ done: false });
  expect(await labelsOf(hub)).toEqual(before);
  expect(await acts.act('eu-1', label, { ...asked, requestId: 'one' })).toMatchObject({ done: true, repeated: false });
  expect(await labelsOf(hub)).toMatchObject({ ring: '2', tier: 'edge' });
  const back = { kind: 'label', changes: { tier: null } } as const;
  expect(await acts.act('eu-1', back, asked)).toMatchObject({ done: true });
  expect(await acts.act('eu-1', label, { ...asked, requestId: 'one' })).toMatchObject({ done: true, repeated: true });
  expect(await labelsOf(hub)).not.toHaveProperty('tier');
  await expect(acts.act('eu-1', { kind: 'suspend' }, { ...asked, requestId: 'one' })).rejects.toMatchObject({
    code: 'conflict',
  });

  await expect(acts.act('eu-1', { kind: 'resume' }, asked)).rejects.toMatchObject({ code: 'notApplicable' });
  await acts.act('eu-1', { kind: 'suspend' }, asked);
  await acts.act('eu-1', { kind: 'resume' }, asked);
  const bad = { kind: 'label', changes: { 'a b': 'c' } } as const;
  await expect(acts.act('eu-1', bad, { ...asked, dryRun: true })).rejects.toMatchObject({ code: 'badInput' });
  expect(await hub.audit('cluster.label')).toMatchObject([
    { subject: 'eu-1', reason: 'because', outcome: 'done' },
    { outcome: 'done' },
    { outcome: 'refused' },
  ]);
  expect(await hub.audit('cluster.resume')).toMatchObject([{ outcome: 'refused' }, { outcome: 'done' }]);
});
