import type { Server } from 'node:http';
import type { AgentNotes, RecordsWitness } from '@flotilla/domain';
import { Fault, fullJitterMs, printVersion, readWitness } from '@flotilla/domain';
import { Connection, KubeClient } from '@flotilla/kube';
import type { Logger } from '@flotilla/telemetry';
import { createLogger } from '@flotilla/telemetry';
import { AgentMetrics } from './agent-metrics.js';
import { KubeAppObjects, LocalReconciler } from './app-objects/index.js';
import { ensureNamespace, fetchClusterUid, fetchFacts } from './cluster-facts.js';
import type { AgentConfig } from './config/index.js';
import { readJoinToken } from './config/index.js';
import { GuardedReconciler } from './guarded-reconciler.js';
import { startHealthServer } from './health-server.js';
import { Reconciler } from './reconcile/reconciler.js';
import { Agent } from './run-agent.js';
import { KeptRecords, Lease, RecordedInventories } from './store/index.js';
import { elapsedMs, systemClock } from './system-clock.js';
import { AGENT_VERSION } from './version.js';

const START_BACKOFF = { baseMs: 500, capMs: 15_000 };

export interface StartOptions {
  readonly logger?: Logger;
  /** Called when this process must not go on: another agent has taken over. */
  readonly lost?: (why: string) => void;
  readonly signal?: AbortSignal;
}

/** A running agent. Disposing it gives up the Lease and leaves everything it applied as it is. */
export interface RunningAgent extends AsyncDisposable {
  readonly agent: Agent;
}

/**
 * Starts an agent for one cluster: waits for the API server and for the Lease, goes on with the stored desired state, and
 * looks for the hub meanwhile.
 * @throws Fault badInput when the cluster's credentials cannot be had.
 */
export async function startAgent(config: AgentConfig, options: StartOptions = {}): Promise<RunningAgent> {
  const logger = options.logger ?? createLogger({ name: 'agent', level: config.logLevel });
  const metrics = new AgentMetrics();
  const client = new KubeClient(connectionOf(config), undefined, metrics.answered);
  const lost = (holder: string): void => {
    logger.error({ holder }, 'another agent has taken over this cluster');
    options.lost?.(`another agent (${holder}) has taken over this cluster`);
  };
  const progress: Progress = { agent: undefined, reconciler: undefined, records: undefined, ready: false };
  const lease = makeLease({ config, client, logger, progress, lost });
  const health = await listen(config, progress, metrics);
  const agent = await untilReachable(
    async () => {
      await ensureNamespace(client, config.namespace);
      const [clusterUid, facts] = await Promise.all([fetchClusterUid(client), fetchFacts(client), lease.acquire()]);
      const witness = readWitness(lease.annotations);
      return assemble({ config, client, logger, clusterUid, facts, metrics, progress, witness });
    },
    { logger, signal: options.signal },
  );
  progress.agent = agent;
  metrics.measure(agent);
  await untilReachable(() => agent.start(), { logger, signal: options.signal });
  progress.records?.follow();
  progress.ready = true;
  // People and the next start read on it what is held now.
  void lease.renew();
  const stop = async (): Promise<void> => {
    health?.close();
    progress.records?.stop();
    await agent.stop();
    await lease.release();
    client.close();
  };
  return { agent, [Symbol.asyncDispose]: stop };
}

interface LeaseParts extends Pick<Pieces, 'config' | 'client' | 'logger' | 'progress'> {
  readonly lost: (holder: string) => void;
}

/** From here on nothing is written without it but the namespace that it lies in. */
function makeLease({ config, client, logger, progress, lost }: LeaseParts): Lease {
  const lease = new Lease({
    client,
    logger,
    lost,
    namespace: config.namespace,
    pod: config.pod,
    clock: systemClock,
    elapsed: elapsedMs,
    notes: () => notesOf(progress),
    reopened: () => {
      logger.warn('the Lease is renewed again: reads everything before the next write');
      progress.reconciler?.verify();
    },
  });
  client.guardWrites(lease.fence);
  return lease;
}

function connectionOf({ kubeconfig, context }: AgentConfig): Connection {
  const options = context === undefined ? {} : { context };
  try {
    return kubeconfig === undefined ? Connection.fromDefault(options) : Connection.fromFile(kubeconfig, options);
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('badInput', `the cluster's credentials cannot be read: ${(cause as Error).message}`);
  }
}

interface Pieces {
  readonly config: AgentConfig;
  readonly client: KubeClient;
  readonly logger: Logger;
  readonly clusterUid: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly metrics: AgentMetrics;
  readonly progress: Progress;
  readonly witness: RecordsWitness;
}

function assemble({ config, client, logger, clusterUid, facts, metrics, progress, witness }: Pieces): Agent {
  const kept = new KeptRecords({ client, namespace: config.namespace, logger, restored: () => metrics.restored() });
  const { records } = kept;
  progress.records = kept;
  return new Agent({
    logger,
    clock: systemClock,
    records,
    identity: kept.identity,
    heldOnce: witness.held,
    agentVersion: AGENT_VERSION,
    clusterUid,
    facts,
    joinAddresses: config.joinAddresses,
    hubAddresses: config.hubAddresses,
    reconnectMaxMs: config.reconnectMaxMs,
    token: () => readJoinToken(config),
    random: Math.random,
    reconciler: (events, values) => {
      const store = new RecordedInventories(records, { values, lostUpTo: kept.lostUpTo(witness) });
      return new LocalReconciler({
        objects: new KubeAppObjects(client, config.namespace),
        events: metrics.follow(events),
        clock: systemClock,
        logger,
        make: (outer) =>
          new GuardedReconciler(config, outer, (inner) => {
            progress.reconciler = new Reconciler({ client, store, events: inner, clock: systemClock });
            return progress.reconciler;
          }),
      });
    },
  });
}

function notesOf({ agent, records, ready }: Progress): AgentNotes | undefined {
  if (agent === undefined || records === undefined || !ready) return undefined;
  const { version, entries } = agent.held;
  return {
    connected: agent.connected,
    trouble: agent.hubTrouble,
    desired: printVersion(version),
    apps: entries.length,
    agentVersion: AGENT_VERSION,
    witness: { held: agent.heldOnce, records: records.records.inUse },
  };
}

/** How far the start has come; probes are answered from its beginning. */
interface Progress {
  agent: Agent | undefined;
  reconciler: Reconciler | undefined;
  records: KeptRecords | undefined;
  ready: boolean;
}

function listen(config: AgentConfig, progress: Progress, metrics: AgentMetrics): Promise<Server | undefined> {
  if (config.healthListen === undefined) return Promise.resolve(undefined);
  return startHealthServer(config.healthListen, {
    ready: () => progress.ready,
    connected: () => progress.agent?.connected ?? false,
    metrics: async () => ({ contentType: metrics.contentType, text: await metrics.print() }),
  });
}

/** An API server that is away, or not ready yet, is waited for. What a person must cure is thrown. */
async function untilReachable<T>(
  step: () => Promise<T>,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal | undefined },
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await step();
    } catch (error) {
      const transient = error instanceof Fault && error.kind === 'transient';
      if (!transient || signal?.aborted === true) throw error;
      const waitMs = 100 + fullJitterMs(attempt, START_BACKOFF, Math.random());
      logger.warn({ reason: error.message, waitMs }, 'the cluster cannot be reached');
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}
