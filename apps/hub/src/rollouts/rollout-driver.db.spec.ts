import type { StrategyDefinition, Wave } from '@flotilla/domain';
import { DEFAULT_STRATEGY } from '@flotilla/domain';
import { describe, expect, it, vi } from 'vitest';
import { RolloutFleet } from './rollout-fleet.fixture.js';

function wave(name: string, ring: string | undefined, more: Partial<Wave> = {}): Wave {
  const [defaults] = DEFAULT_STRATEGY.waves;
  if (!defaults) throw new Error('the default strategy has a wave');
  const requirements = [{ op: 'in' as const, key: 'ring', values: [ring ?? ''] }];
  const choice = { by: 'selector' as const, selector: { text: `ring=${ring ?? ''}`, requirements } };
  return { ...defaults, name, ...(ring !== undefined && { choice }), ...more };
}

const RINGS: StrategyDefinition = {
  ...DEFAULT_STRATEGY,
  name: 'rings',
  waves: [wave('canary', '0'), wave('early', '1', { maxConcurrent: { percent: 50 } }), wave('rest', undefined)],
};

const CLUSTERS = {
  'eu-1': { ring: '0' },
  'eu-2': { ring: '1' },
  'us-1': { ring: '1' },
  'us-2': { ring: '1' },
  'us-3': { ring: '1' },
  'ap-1': { ring: '2' },
};

describe('RolloutDriver', () => {
  it('takes a release to all clusters through ordered waves', async () => {
    await using fleet = await RolloutFleet.create({ strategy: RINGS, clusters: CLUSTERS });
    await using hub = await fleet.startHub();
    const assigned: number[] = [];
    hub.events.on('assigned', ({ clusterIds }) => assigned.push(...clusterIds));
    await fleet.release('one');
    hub.events.emit('partsChanged', { appIds: [1] });
    await vi.waitFor(async () => expect(await fleet.allowed('one')).toEqual(['eu-1']));
    expect(assigned).toEqual([fleet.idOf('eu-1')]);
    await fleet.report(hub, ['eu-1']);
    await vi.waitFor(async () => expect(await fleet.allowed('one')).toEqual(['eu-1', 'eu-2', 'us-1']));
    await fleet.report(hub, ['us-1']);
    await vi.waitFor(async () => expect(await fleet.allowed('one')).toEqual(['eu-1', 'eu-2', 'us-1', 'us-2']));
    await fleet.report(hub, ['eu-2', 'us-2']);
    await vi.waitFor(async () => expect(await fleet.allowed('one')).toHaveLength(5));
    await fleet.report(hub, ['us-3']);
    await vi.waitFor(async () => expect(await fleet.allowed('one')).toHaveLength(6));
    await fleet.report(hub, ['ap-1']);
    await vi.waitFor(async () => expect((await hub.query.current('web')).state).toBe('done'));
    const numbers = await fleet.sql<{ n: string }>('SELECT desired_number AS n FROM cluster');
    expect(numbers.map(({ n }) => n)).toEqual(Array(6).fill('1'));
  });
});
