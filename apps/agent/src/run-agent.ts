import type { AppReport, Version } from '@flotilla/domain';
import { NO_VERSION, orderVersions, printVersion } from '@flotilla/domain';
import type { Logger } from '@flotilla/telemetry';
import { HubLink, IdentityKeeper } from './link/index.js';
import type { Seen, SessionHost } from './link/index.js';
import type { Clock, ReconcilerEvents, ReconcilerPort } from './reconcile/reconciler.port.js';
import { ReportBook } from './report/report-book.js';
import type { StateStore } from './store/desired-store.js';
import { DesiredStore } from './store/desired-store.js';
import type { HeldState } from './store/held-state.js';
import type { IdentityStore } from './store/identity.js';
import type { Records } from './store/records.port.js';
import { toDesired } from './store/to-desired.js';

/** What an agent is made of; a simulated one brings other parts. */
export interface AgentParts {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly records: Records;
  readonly identity: IdentityStore;
  /** In the records when left out. */
  readonly desired?: StateStore;
  readonly agentVersion: string;
  readonly clusterUid: string;
  readonly facts: Readonly<Record<string, string>>;
  readonly joinAddresses: readonly string[];
  /** Empty: the address that was told at enrolment. */
  readonly hubAddresses: readonly string[];
  /** Longest wait between two tries to reach the hub. */
  readonly reconnectMaxMs: number;
  token(): string | undefined;
  /** The highest version that was ever held here, as far as is known beside the records. */
  readonly heldOnce?: Version;
  /** Makes what applies the desired state. `stored` is everything that was in the records at the start. */
  reconciler(events: ReconcilerEvents, stored: ReadonlyMap<string, Uint8Array>): ReconcilerPort;
  random(): number;
}

/** One agent: takes in its stored desired state, reconciles it, and keeps a session with the hub meanwhile. */
export class Agent implements AsyncDisposable {
  readonly reports = new ReportBook();
  private readonly desired: StateStore;
  private readonly keeper: IdentityKeeper;
  private readonly link: HubLink;
  private readonly removedApps = new Set<string>();
  private seen: Seen = { version: { generation: 0, number: 0 }, epoch: 0 };
  private reconciler: ReconcilerPort | undefined;
  private running: Promise<void> | undefined;
  /** What was in the records at the start, until the reconciler has taken it. */
  private stored: ReadonlyMap<string, Uint8Array> | undefined;
  private greeted = false;
  /** By app, of the entries held now. */
  private index: { readonly entries: HeldState['entries']; readonly since: ReadonlyMap<string, Version> } = {
    entries: [],
    since: new Map(),
  };

  constructor(private readonly parts: AgentParts) {
    const { logger, identity: store, joinAddresses, clusterUid, agentVersion, clock } = parts;
    this.desired = parts.desired ?? new DesiredStore(parts.records);
    this.keeper = new IdentityKeeper({
      store,
      logger,
      joinAddresses,
      clusterUid,
      agentVersion,
      token: () => parts.token(),
      now: () => clock.now(),
      random: () => parts.random(),
    });
    this.link = new HubLink({
      host: this.host(),
      logger,
      identity: () => this.keeper.current,
      addresses: () => (parts.hubAddresses.length > 0 ? parts.hubAddresses : [this.keeper.current.agentsAddress]),
      refreshIdentity: () => this.keeper.refresh(),
      rejoin: () => this.keeper.rejoin(),
      maxWaitMs: parts.reconnectMaxMs,
      random: () => parts.random(),
    });
  }

  /**
   * Goes on with what is stored, without waiting for the hub. The hub is looked for as soon as what is held has been
   * verified, and is told so while the cluster is still being read. May be called again after it failed.
   */
  async start(): Promise<void> {
    this.stored ??= await this.loadStored();
    this.running ??= this.keepConnected();
    this.reconciler = this.parts.reconciler(this.events(), this.stored);
    if (this.held.entries.length > 0) this.reconciler.setDesired(toDesired(this.held));
    await this.reconciler.start();
    this.stored = undefined;
  }

  /** Whether the hub has greeted this agent in its present or an earlier session. */
  get connected(): boolean {
    return this.greeted && this.link.channel !== undefined;
  }

  /** Why the hub could not be talked to last time; empty while it can. */
  get hubTrouble(): string {
    return this.connected ? '' : this.link.trouble;
  }

  get held(): HeldState {
    return this.desired.held;
  }

  /** The highest version that was held in this or an earlier life. */
  get heldOnce(): Version {
    const { heldOnce = NO_VERSION } = this.parts;
    const { version } = this.desired.held;
    return orderVersions(version, heldOnce) > 0 ? version : heldOnce;
  }

  /** Looks for the hub at once instead of at the end of a back-off. */
  reconnect(): void {
    this.link.reconnect('stated');
  }

  async stop(): Promise<void> {
    this.keeper.stop();
    this.link.stop();
    await this.running;
    await this.reconciler?.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async keepConnected(): Promise<void> {
    try {
      if ((await this.keeper.obtain()) === undefined) return;
      this.keeper.schedule(
        () => this.link.channel,
        () => this.link.reconnect('renewed'),
      );
      await this.link.run();
    } catch (error) {
      this.parts.logger.error({ reason: (error as Error).message }, 'stays without the hub');
    }
  }

  /** A stored state that cannot be proven is not used: nothing is applied or deleted until the hub has sent it again. */
  private async loadStored(): Promise<ReadonlyMap<string, Uint8Array>> {
    const stored = await this.parts.records.load();
    try {
      const held = await this.desired.load(stored, this.parts.heldOnce);
      this.seen = { version: held.version, epoch: held.epoch };
      this.parts.logger.info(
        { version: printVersion(held.version), apps: held.entries.length },
        'loaded the desired state',
      );
    } catch (error) {
      this.parts.logger.error({ reason: (error as Error).message }, 'the stored desired state cannot be used');
    }
    return stored;
  }

  private events(): ReconcilerEvents {
    return {
      report: (report) => this.reports.put(this.evaluatedSince(report)),
      removed: (app) => {
        this.removedApps.add(app);
        this.reports.remove(app);
        this.link.sendRemoved(app);
      },
      event: (event) => this.parts.logger.debug(event, 'reconcile'),
    };
  }

  /**
   * Evidence needs an evaluation of at least the version at which an entry last changed. Naming exactly that one makes
   * the report independent of later versions that do not touch the app.
   */
  private evaluatedSince(report: AppReport): AppReport {
    const since = this.sinceOf(report.app);
    if (since === undefined || orderVersions(report.evaluated, since) < 0) return report;
    return { ...report, evaluated: since };
  }

  private sinceOf(app: string): Version | undefined {
    const { entries } = this.desired.held;
    if (this.index.entries !== entries) {
      this.index = { entries, since: new Map(entries.map((entry) => [entry.app, entry.since])) };
    }
    return this.index.since.get(app);
  }

  private host(): SessionHost {
    const { logger, agentVersion, clusterUid, facts, clock } = this.parts;
    return {
      logger,
      agentVersion,
      clusterUid,
      facts,
      reports: this.reports,
      held: () => this.desired.held,
      seen: () => this.seen,
      see: (seen) => {
        this.seen = seen;
      },
      accept: (state) => this.accept(state),
      enforce: () => this.reconciler?.setDesired(toDesired(this.desired.held)),
      removed: () => this.desired.held.entries.map((entry) => entry.app).filter((app) => this.removedApps.has(app)),
      welcomed: async (welcome) => {
        this.greeted = true;
        const { sessionId, clusterName, frozenBecause } = welcome;
        logger.info({ session: sessionId, cluster: clusterName, frozenBecause }, 'connected to the hub');
        await this.keeper.trust(welcome.trust);
        void this.keeper.renewIfDue();
      },
      asked: (apps) => this.reconciler?.setAsked(new Set(apps)),
      monotonicMs: () => clock.monotonic(),
    };
  }

  private async accept(state: HeldState): Promise<void> {
    await this.desired.accept(state);
    for (const app of this.removedApps) {
      const life = state.entries.find((entry) => entry.app === app)?.life;
      if (life === undefined || life === 'active') this.removedApps.delete(app);
    }
  }
}
