import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { Version } from '@flotilla/domain';
import { hashDesiredState, isEmptyDelta, orderVersions } from '@flotilla/domain';
import { toWirePublication } from '@flotilla/protocol';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import { Logger } from '../logging/index.js';
import type { AgentSession } from './agent-session.js';
import { ContentService } from './content.service.js';
import type { WantedState } from './desired-state.repository.js';
import { DesiredStateRepository } from './desired-state.repository.js';
import { HeldState } from './held-state.js';
import { SessionRegistry } from './session-registry.service.js';

/** A lost signal costs delay only: this often versions are compared, and a part of the sessions in full. */
const COMPARE_MS = 30_000;
const FULL_COMPARE_PARTS = 20;
/** Clusters loaded by one statement. */
const BATCH = 100;

/** Offers each connected cluster the difference between what its agent states and what it should hold. */
@Injectable()
export class Publisher implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly due = new Set<number>();
  /** Clusters that had one a moment ago. */
  private readonly waiting = new Map<number, NodeJS.Timeout>();
  private running: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private turn = 0;

  constructor(
    @Inject(DesiredStateRepository) private readonly states: DesiredStateRepository,
    @Inject(ContentService) private readonly contents: ContentService,
    @Inject(SessionRegistry) private readonly sessions: SessionRegistry,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.events.on('assigned', ({ clusterIds }) => this.publish(clusterIds));
    this.timer = setInterval(() => void this.compare(), COMPARE_MS);
    this.timer.unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    for (const timer of this.waiting.values()) clearTimeout(timer);
    this.due.clear();
    await this.running;
  }

  /** Compares these clusters at once; while that runs, further ones wait for the next turn, each counted once. */
  publish(clusterIds: readonly number[]): void {
    for (const id of clusterIds) {
      const session = this.sessions.get(id);
      if (!session || this.waiting.has(id)) continue;
      const waitMs = session.pace.waitMs(performance.now());
      if (waitMs > 0) this.publishIn(waitMs, id);
      else this.due.add(id);
    }
    this.running ??= this.drain().finally(() => {
      this.running = undefined;
    });
  }

  private publishIn(ms: number, id: number): void {
    const timer = setTimeout(() => {
      this.waiting.delete(id);
      this.publish([id]);
    }, ms);
    this.waiting.set(id, timer);
  }

  private async compare(): Promise<void> {
    this.turn += 1;
    try {
      const connected = this.sessions.connected();
      const versions = connected.length > 0 ? await this.states.loadVersions(connected) : [];
      const due = versions.filter(({ clusterId, version }) => {
        const compared = this.sessions.get(clusterId)?.compared;
        return clusterId % FULL_COMPARE_PARTS === this.turn % FULL_COMPARE_PARTS || !isSame(compared, version);
      });
      this.publish(due.map(({ clusterId }) => clusterId));
    } catch (error) {
      this.log.warn({ err: error }, 'desired states could not be compared; tried again within 30s');
    }
  }

  private async drain(): Promise<void> {
    for (let loading = this.loadBatch(); loading !== undefined; loading ??= this.loadBatch()) {
      const batch = loading;
      loading = undefined;
      await this.guarded(async () => {
        const wanted = await batch;
        // The next ones are loaded while these go out. What changes meanwhile becomes due again.
        loading = this.loadBatch();
        await this.publishBatch(wanted);
      });
    }
  }

  private async guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // The periodic compare finds the same difference.
      this.log.error({ err: error }, 'publishing failed; tried again within 30s');
    }
  }

  private loadBatch(): Promise<WantedState[]> | undefined {
    if (this.due.size === 0) return undefined;
    const batch = [...this.due].slice(0, BATCH);
    for (const id of batch) {
      this.due.delete(id);
      this.sessions.get(id)?.pace.begin(performance.now());
    }
    const loading = this.states.load(batch);
    // Awaited in its turn: until then a failure is nobody's.
    loading.catch(() => undefined);
    return loading;
  }

  private async publishBatch(batch: readonly WantedState[]): Promise<void> {
    const raise: number[] = [];
    for (const wanted of batch) {
      const session = this.sessions.get(wanted.clusterId);
      if (session && (await this.offer(session, wanted)) === 'raise') raise.push(wanted.clusterId);
    }
    if (raise.length === 0) return;
    await this.states.raiseVersions(raise);
    this.publish(raise);
  }

  private async offer(session: AgentSession, wanted: WantedState): Promise<'raise' | 'done'> {
    if (!session.live || !session.welcomed || !this.leader.leading || wanted.frozenBecause !== undefined) return 'done';
    if (isUnanswered(session)) {
      session.stale = true;
      return 'done';
    }
    const entries = [...wanted.entries, ...session.strangers.filter(({ app }) => !names(wanted).has(app))];
    if (this.refuses(session, entries)) return 'done';
    session.compared = wanted.version;
    const hash = hashDesiredState(entries);
    if (hash === session.held.hash || hash === session.rejectedHash) return 'done';
    if (orderVersions(wanted.version, session.highestSeen) <= 0) return 'raise';
    await this.send(session, HeldState.of(wanted.version, entries, hash), entries);
    return 'done';
  }

  private publishLater(session: AgentSession): void {
    if (isUnanswered(session)) session.stale = true;
    else this.due.add(session.clusterId);
  }

  /** An active app vanished from this hub without having been asked to leave: nothing may follow from that. */
  private refuses(session: AgentSession, entries: WantedState['entries']): boolean {
    const strangers = session.held.strangers(entries);
    if (strangers.length === 0) return false;
    const apps = strangers.slice(0, 10);
    this.log.error(
      { cluster: session.clusterName, apps },
      'the cluster holds apps that this hub no longer knows; they are left as they are',
    );
    session.close('protocol', `state again what is held: ${apps.join(', ')} unknown`);
    return true;
  }

  private async send(session: AgentSession, state: HeldState, entries: WantedState['entries']): Promise<void> {
    const { held } = session;
    const delta = held.diff(entries);
    if (isEmptyDelta(delta)) return;
    const attached = await this.contents.attach(delta.set, { held, protocol: session.protocol });
    // An earlier offer may have left the outbox meanwhile, and may even be answered: this difference has the wrong base then.
    if (session.held !== held || isUnanswered(session)) return this.publishLater(session);
    const { epoch } = this.leader;
    session.noteOffer(state);
    session.stale = false;
    session.highestSeen = state.version;
    const publication = { version: state.version, epoch, hash: state.hash, baseHash: held.hash, delta };
    session.outbox.put({ $case: 'desiredState', value: { ...toWirePublication(publication), ...attached } });
    this.events.emit('published', { clusterId: session.clusterId });
  }
}

/** A desired state has been handed to the stream: another one can only follow its answer. */
function isUnanswered({ offer, outbox }: AgentSession): boolean {
  return offer !== undefined && !outbox.holdsDesiredState;
}

function isSame(a: Version | undefined, b: Version): boolean {
  return a !== undefined && orderVersions(a, b) === 0;
}

function names(wanted: WantedState): ReadonlySet<string> {
  return new Set(wanted.entries.map(({ app }) => app));
}
