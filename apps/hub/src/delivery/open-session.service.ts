import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { AppEntry, Digest, Version } from '@flotilla/domain';
import { Fault, hashDesiredState, orderVersions } from '@flotilla/domain';
import {
  MAX_REPORT_BYTES,
  fromWireCount,
  fromWireDigestOrNone,
  fromWireEntry,
  fromWireStateHash,
  fromWireVersion,
  toWireVersion,
  wire,
} from '@flotilla/protocol';
import type { Admission, CertificateIdentity } from '../clusters/index.js';
import { AuthorityService, IdentityService } from '../clusters/index.js';
import { SteadyClock } from '../clock/index.js';
import { HubConfig } from '../config/index.js';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import { Logger } from '../logging/index.js';
import { ReportsService } from '../reports/index.js';
import { AgentSession } from './agent-session.js';
import type { WantedState } from './desired-state.repository.js';
import { DesiredStateRepository } from './desired-state.repository.js';
import { HeldState } from './held-state.js';
import type { Outbox } from './outbox.js';
import { ReconnectWindow } from './reconnect-window.service.js';
import { SessionKeeper } from './session-keeper.service.js';
import { SessionRegistry } from './session-registry.service.js';
import { SessionRepository } from './session.repository.js';
import type { HubPosition, Seen } from './time-travel.service.js';
import { TimeTravel } from './time-travel.service.js';

type Admitted = Extract<Admission, { admitted: true }>;

/** Who calls, and the stream to answer on. */
export interface Caller {
  readonly identity: CertificateIdentity;
  /** Remote address. */
  readonly from: string;
  readonly outbox: Outbox;
  readonly cut: () => void;
}

/** What an agent says of itself, read and checked. */
interface Statement {
  readonly held: Version;
  readonly seen: Seen;
  readonly entries: readonly AppEntry[];
  readonly reportsHash: Digest | undefined;
  readonly protocol: number;
}

interface Opening {
  readonly admission: Admitted;
  readonly stated: Statement;
  readonly caller: Caller;
  readonly wanted: WantedState;
}

/** The first exchange of a session: who it is, what it holds, whether the hub is behind it. */
@Injectable()
export class SessionOpener {
  constructor(
    @Inject(IdentityService) private readonly identities: IdentityService,
    @Inject(AuthorityService) private readonly authority: AuthorityService,
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(DesiredStateRepository) private readonly states: DesiredStateRepository,
    @Inject(ReportsService) private readonly reports: ReportsService,
    @Inject(SessionRegistry) private readonly sessions: SessionRegistry,
    @Inject(SessionKeeper) private readonly keeper: SessionKeeper,
    @Inject(ReconnectWindow) private readonly window: ReconnectWindow,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(TimeTravel) private readonly timeTravel: TimeTravel,
    @Inject(SteadyClock) private readonly clock: SteadyClock,
    @Inject(HubConfig) private readonly config: HubConfig,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  /**
   * Answers Hello with Welcome, or with Goodbye and no session.
   * @throws Fault badInput for a malformed Hello.
   */
  async open(hello: wire.Hello, caller: Caller): Promise<AgentSession | undefined> {
    if (!this.leader.leading) {
      caller.outbox.close({ reason: 'standby', message: 'this hub is a standby' });
      return undefined;
    }
    await Promise.all([this.keeper.ready, this.window.ready]);
    const stated = readStatement(hello);
    const admission = await this.identities.admit({ ...caller, kubeUid: hello.clusterUid });
    if (!admission.admitted) {
      caller.outbox.close({ reason: admission.refusal, message: admission.message });
      return undefined;
    }
    const [wanted] = await this.states.load([admission.clusterId]);
    if (!wanted) throw new Fault('unauthenticated', 'the cluster is not enrolled here');
    const frozenBecause = await this.timeTravel.check(admission.name, stated.seen, wanted);
    const session = this.start({ admission, stated, caller, wanted });
    await this.save(session, hello, stated);
    await this.welcome(session, stated, { uid: admission.clusterUid, frozenBecause, version: wanted.version });
    this.events.emit('sessionOpened', { clusterId: session.clusterId, sessionId: session.id });
    this.log.info({ cluster: session.clusterName, session: session.id, agent: hello.agentVersion }, 'agent connected');
    return session;
  }

  private start({ admission, stated, caller, wanted }: Opening): AgentSession {
    const known = new Set(wanted.entries.map(({ app }) => app));
    const strangers = stated.entries.filter(({ app, life }) => life === 'active' && !known.has(app));
    if (strangers.length > 0) {
      const apps = strangers.slice(0, 10).map(({ app }) => app);
      this.log.warn(
        { cluster: admission.name, apps },
        'the cluster holds apps unknown here; they are left as they are',
      );
    }
    return new AgentSession({
      id: randomUUID(),
      clusterId: admission.clusterId,
      clusterName: admission.name,
      serial: caller.identity.serial,
      outbox: caller.outbox,
      protocol: stated.protocol,
      held: HeldState.of(stated.held, stated.entries),
      highestSeen: stated.seen.version,
      strangers,
      clock: this.clock,
      cut: caller.cut,
    });
  }

  private async save(session: AgentSession, hello: wire.Hello, stated: Statement): Promise<void> {
    this.sessions.open(session);
    const { clusterId, id: sessionId } = session;
    const { agentVersion, facts } = hello;
    const before = await this.repository.open({ clusterId, sessionId, agentVersion, facts, held: stated.held });
    const moved = this.config.settings.selectorFacts.some((name) => facts[name] !== before[name]);
    if (moved) this.events.emit('clusterFactsChanged', { clusterIds: [clusterId] });
  }

  private async welcome(
    session: AgentSession,
    { reportsHash }: Statement,
    { uid, frozenBecause, version }: HubPosition & { readonly uid: string },
  ): Promise<void> {
    const known = reportsHash !== undefined && (await this.reports.renew(session.clusterId, session.id, reportsHash));
    const value: wire.Welcome = {
      sessionId: session.id,
      clusterId: uid,
      clusterName: session.clusterName,
      epoch: BigInt(this.leader.epoch),
      generation: toWireVersion(version).generation,
      heartbeatMs: this.config.settings.heartbeatMs,
      reportsKnown: known,
      trust: { authorities: [...this.authority.trustBundle] },
      frozenBecause: frozenBecause ?? '',
      maxReportBytes: MAX_REPORT_BYTES,
      reconnectMs: this.window.ms,
    };
    session.outbox.put({ $case: 'welcome', value });
    session.welcomed = true;
  }
}

/** @throws Fault badInput unless what is stated has the hash that is stated. */
function readStatement(hello: wire.Hello): Statement {
  const entries = hello.apps.map(fromWireEntry);
  if (new Set(entries.map(({ app }) => app)).size < entries.length)
    throw new Fault('badInput', 'an app is stated twice');
  if (hashDesiredState(entries) !== fromWireStateHash(hello.heldHash)) {
    throw new Fault('badInput', 'the stated apps do not have the stated hash');
  }
  const held = fromWireVersion(hello.held);
  return {
    held,
    seen: { version: newest(held, fromWireVersion(hello.highestSeen)), epoch: fromWireCount(hello.epochSeen) },
    entries,
    reportsHash: fromWireDigestOrNone(hello.reportsHash),
    protocol: hello.protocol,
  };
}

function newest(a: Version, b: Version): Version {
  return orderVersions(a, b) > 0 ? a : b;
}
