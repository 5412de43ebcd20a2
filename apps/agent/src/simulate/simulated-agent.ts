import { randomUUID } from 'node:crypto';
import type { Logger } from '@flotilla/telemetry';
import { createLogger } from '@flotilla/telemetry';
import type { ReconcilerEvents, ReconcilerPort } from '../reconcile/reconciler.port.js';
import { systemClock } from '../system-clock.js';
import type { AgentParts } from '../run-agent.js';
import { Agent } from '../run-agent.js';
import type { IdentityStore } from '../store/identity.js';
import { MemoryIdentity } from '../store/identity.js';
import { MemoryRecords } from '../store/memory-records.js';
import type { Records } from '../store/records.port.js';
import { InstantReconciler } from './instant-reconciler.js';
import { MemoryState } from './memory-state.js';

export interface SimulatedAgentOptions {
  /** host:port of the hub's join listener. */
  readonly joinAddress: string;
  /** Join token as printed by `flotilla cluster join`; not needed with an `identity` that has enrolled. */
  readonly token?: string | (() => string);
  /** host:port of agents listeners; as told at enrolment when left out. */
  readonly hubAddresses?: readonly string[];
  readonly clusterUid?: string;
  readonly facts?: Readonly<Record<string, string>>;
  readonly logger?: Logger;
  /** What survives a restart of this agent; the desired state lies in `records` when they are given. */
  readonly identity?: IdentityStore;
  readonly records?: Records;
  /** Longest wait between two tries; 30 s when left out. */
  readonly reconnectMaxMs?: number;
  readonly random?: () => number;
  /** What stands for the cluster; applies everything at once when left out. */
  readonly reconciler?: (events: ReconcilerEvents) => ReconcilerPort;
}

/**
 * An agent without a cluster: real link, identity and reports over real mutual TLS, with a store in memory and reports
 * that say at once that all is applied and healthy. Thousands fit in a process.
 */
export async function startSimulatedAgent(options: SimulatedAgentOptions): Promise<Agent> {
  const agent = makeSimulatedAgent(options);
  await agent.start();
  return agent;
}

/** The same, to be started. */
export function makeSimulatedAgent(options: SimulatedAgentOptions): Agent {
  const { token } = options;
  return new Agent({
    logger: options.logger ?? createLogger({ name: 'agent', level: 'silent' }),
    clock: systemClock,
    ...storesOf(options),
    identity: options.identity ?? new MemoryIdentity(),
    agentVersion: 'simulated',
    clusterUid: options.clusterUid ?? randomUUID(),
    facts: options.facts ?? {},
    joinAddresses: [options.joinAddress],
    hubAddresses: options.hubAddresses ?? [],
    reconnectMaxMs: options.reconnectMaxMs ?? 30_000,
    token: () => (typeof token === 'function' ? token() : token),
    reconciler: options.reconciler ?? ((events) => new InstantReconciler(events, systemClock)),
    random: options.random ?? Math.random,
  });
}

function storesOf({ records }: SimulatedAgentOptions): Pick<AgentParts, 'records' | 'desired'> {
  return records === undefined ? { records: new MemoryRecords(), desired: new MemoryState() } : { records };
}
