import { configApp } from '../support/fleet-files.js';
import { World } from '../support/world.js';
import { AgentPool } from './agent-pool.js';
import type { Bench, Measure } from './harness.js';
import { measure } from './harness.js';
import { cpuPercent, residentMiB } from './memory.js';

const SIZES = [
  { agents: 5, memoryBar: 200 },
  { agents: 1_000, cpuBar: 5 },
] as const;
const SETTLE_MS = 10_000;
const SAMPLES = 5;

/** Resident memory of the hub (without Postgres) and its CPU while nothing changes. */
export const hubFootprint: Bench = async (say) => {
  const results: Measure[] = [];
  for (const size of SIZES) {
    await using world = await World.start({
      files: configApp('settings', { A: '1' }),
      hub: { FLOTILLA_HEARTBEAT: '10s' },
    });
    const names = Array.from({ length: size.agents }, (_, i) => `c-${i}`);
    await using pool = await AgentPool.start(world, world.joinAddress, names);
    await world.healthy('settings', undefined, { withinMs: 180_000 });
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
    const [resident, cpu]: [number[], number[]] = [[], []];
    for (let i = 0; i < SAMPLES; i++) {
      cpu.push(await cpuPercent(world.hub.pid, 4_000));
      resident.push(residentMiB(world.hub.pid));
    }
    void pool;
    const bars = {
      memory: 'memoryBar' in size ? size.memoryBar : undefined,
      cpu: 'cpuBar' in size ? size.cpuBar : undefined,
    };
    results.push(
      measure(
        `hub, resident, ${size.agents} agents`,
        'MiB',
        resident,
        bars.memory === undefined ? undefined : { max: bars.memory, of: 'median' },
      ),
      measure(
        `hub, idle CPU, ${size.agents} agents`,
        '% of a core',
        cpu,
        bars.cpu === undefined ? undefined : { max: bars.cpu, of: 'median' },
      ),
    );
    say(`${size.agents} agents: done`);
  }
  return results;
};
