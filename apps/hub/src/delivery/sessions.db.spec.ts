import { describe, expect, it, vi } from 'vitest';
import { ADMIN, DeliveryHub } from './delivery-hub.fixture.js';
import { FakeAgent, sizeOf } from './fake-agent.fixture.js';

async function joined(hub: DeliveryHub, name = 'eu-1'): Promise<FakeAgent> {
  const { token } = await hub.clusters.createJoin(name, { region: 'eu' }, ADMIN);
  return FakeAgent.enrol(hub.joinAddress, token);
}

describe('a session', () => {
  it('gets its desired state, has reports stored, and nothing when nothing changed', async () => {
    await using hub = await DeliveryHub.start();
    using agent = await joined(hub);
    const welcome = await agent.connect();
    expect(welcome.clusterName).toBe('eu-1');

    const first = await hub.bundle({ web: 'a'.repeat(10), other: 'same' });
    await hub.allow('web', first, ['eu-1']);
    await agent.next('desiredState');
    expect(agent.pushed[0]!.contents).toHaveLength(2);
    expect(agent.entries[0]).toMatchObject({ app: 'web', bundle: first, life: 'active', mode: 'manage' });

    await agent.stored(agent.report('web'));
    expect(await hub.target('web', 'eu-1')).toMatchObject({ health: 'healthy', phase: 'applied', applied_release: '1' });

    const second = await hub.bundle({ web: 'b'.repeat(10), other: 'same' });
    await hub.allow('web', second, ['eu-1']);
    await agent.next('desiredState');
    expect(agent.pushed[1]!.contents).toHaveLength(1);
    expect(sizeOf(agent.pushed[1]!)).toBeLessThan(600);

    hub.events.emit('assigned', { clusterIds: [await hub.clusterId('eu-1')] });
    await agent.stored(agent.report('web'));
    expect(agent.pushed).toHaveLength(2);
    await vi.waitFor(async () => expect((await hub.clusters.get('eu-1')).state).toBe('joined'));
  });
});
