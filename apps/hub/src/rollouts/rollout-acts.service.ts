import { Inject, Injectable } from '@nestjs/common';
import type { ActKind, ActProposal, RolloutPlan } from '@flotilla/domain';
import { Fault, checkAct, planRollout } from '@flotilla/domain';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import type { StoredAct } from './rollout-acts.repository.js';
import { RolloutActsRepository } from './rollout-acts.repository.js';
import type { LoadedRollout } from './rollout-facts.repository.js';
import { RolloutFactsRepository } from './rollout-facts.repository.js';

const DEFAULT_SUSPENSION_MS = 3_600_000;
const LONGEST_SUSPENSION_MS = 24 * 3_600_000;

/** What somebody asks to be done. Names are names: of a wave, of a cluster; `release` is a number of the app. */
export interface ActRequest {
  readonly wave?: string;
  readonly cluster?: string;
  /** Of `rollback`: the release to return to; without it each target returns to what was proven on it. */
  readonly release?: number;
  /** Of `approveDeletion`: the set's hash. */
  readonly deletionSet?: string;
  /** Of `suspendApp`: for how long; 1 h without it, at most 24 h. */
  readonly forMs?: number;
  readonly reason: string;
  /** The same id again does nothing and answers the same. */
  readonly requestId: string;
  readonly actor: string;
  readonly dryRun?: boolean;
}

export interface ActResult {
  readonly app: string;
  readonly kind: ActKind;
  /** Release number that the act is about. */
  readonly release: number | undefined;
  /** The wave it is about, when it is about one. */
  readonly wave: string | undefined;
  readonly cluster: string | undefined;
  /** False for a dry run. */
  readonly done: boolean;
  /** The request id was known: nothing was done again. */
  readonly repeated: boolean;
}

/**
 * What people may do to a rollout. Each act is stored with actor, reason and request id, and audited; one that does not
 * apply is refused with the reason. What follows from it is decided by the planner.
 */
@Injectable()
export class RolloutActs {
  constructor(
    @Inject(RolloutActsRepository) private readonly acts: RolloutActsRepository,
    @Inject(RolloutFactsRepository) private readonly facts: RolloutFactsRepository,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(HubEvents) private readonly events: HubEvents,
  ) {}

  /** @throws Fault notFound, notApplicable (with what to do instead), badInput, conflict (request id), notLeader */
  async act(kind: ActKind, app: string, request: ActRequest): Promise<ActResult> {
    const found = await this.acts.loadApp(app);
    if (!found) throw new Fault('notFound', `no app ${app}`);
    const repeated = await this.isRepeated(kind, found.id, request);
    const loaded = await this.facts.load(found.id);
    const base = { app, kind, release: loaded?.facts.release.number, cluster: request.cluster };
    if (repeated) return { ...base, wave: request.wave, done: true, repeated };
    try {
      const act = await this.check(kind, { appId: found.id, loaded, request });
      const outcome = { ...base, wave: act.wave };
      if (request.dryRun === true) return { ...outcome, done: false, repeated: false };
      if (await this.save(app, act, request)) return { ...outcome, done: true, repeated: false };
      return { ...outcome, done: true, repeated: await this.isRepeated(kind, found.id, request) };
    } catch (error) {
      // The same request may have come twice at once, and the other has made this one not apply.
      if (await this.isRepeated(kind, found.id, request))
        return { ...base, wave: request.wave, done: true, repeated: true };
      if (error instanceof Fault && error.kind === 'rejected') await this.auditRefusal({ kind, app, request, error });
      throw error;
    }
  }

  /** The plan as it stands now, for `rollout plan`: nothing is saved. @throws Fault notFound */
  async plan(app: string): Promise<RolloutPlan> {
    const found = await this.acts.loadApp(app);
    const loaded = found && (await this.facts.load(found.id));
    if (!loaded) throw new Fault('notFound', `no release of ${app}`);
    return planRollout(loaded.facts, loaded.now);
  }

  private async isRepeated(kind: ActKind, appId: number, { requestId }: ActRequest): Promise<boolean> {
    const known = await this.acts.loadRequest(requestId);
    if (known === undefined) return false;
    if (known.kind !== kind || known.app !== appId) {
      throw new Fault(
        'conflict',
        `request id ${requestId} stands for another act`,
        'use a new request id for each act',
      );
    }
    return true;
  }

  private async check(
    kind: ActKind,
    { appId, loaded, request }: { appId: number; loaded: LoadedRollout | undefined; request: ActRequest },
  ): Promise<StoredAct> {
    if (!loaded) throw new Fault('notApplicable', 'the app has no release yet', 'flotilla get problems shows why');
    const proposal = await this.propose(kind, appId, request);
    const plan = planRollout(loaded.facts, loaded.now);
    const verdict = checkAct(proposal, plan, loaded.facts);
    if (!verdict.ok) throw new Fault('notApplicable', `${printKind(kind)}: ${verdict.reason}`, verdict.hint);
    const { actor, reason, requestId } = request;
    const { deletionSet, toReleaseId, clusterId } = proposal;
    const until = kind === 'suspendApp' ? loaded.now + suspension(request) : undefined;
    const detail = {
      ...(deletionSet !== undefined && { deletionSet }),
      ...(toReleaseId !== undefined && { toReleaseId }),
      ...(until !== undefined && { until }),
    };
    const wave = verdict.wave ?? request.wave;
    const releaseId = loaded.facts.release.id;
    return { appId, releaseId, kind, wave, clusterId, actor, reason, requestId, detail };
  }

  private async propose(kind: ActKind, appId: number, request: ActRequest): Promise<ActProposal> {
    const { wave, deletionSet } = request;
    const clusterId = await this.clusterOf(request);
    const toReleaseId = await this.releaseOf(appId, request);
    return {
      kind,
      ...(wave !== undefined && { wave }),
      ...(clusterId !== undefined && { clusterId }),
      ...(toReleaseId !== undefined && { toReleaseId }),
      ...(deletionSet !== undefined && { deletionSet }),
    };
  }

  private async clusterOf({ cluster }: ActRequest): Promise<number | undefined> {
    if (cluster === undefined) return undefined;
    const id = await this.acts.loadClusterId(cluster);
    if (id === undefined) throw new Fault('notFound', `no cluster ${cluster}`);
    return id;
  }

  private async releaseOf(appId: number, { release }: ActRequest): Promise<number | undefined> {
    if (release === undefined) return undefined;
    const id = await this.acts.loadReleaseId(appId, release);
    if (id === undefined) throw new Fault('notFound', `no release #${release}`);
    return id;
  }

  /** False when the request id has been stored meanwhile: nothing is done. */
  private async save(app: string, act: StoredAct, request: ActRequest): Promise<boolean> {
    const { actor, reason, requestId, kind, detail } = act;
    const changed = await this.leader.decide(async (tx) => {
      if (!(await this.acts.saveAct(tx, act))) return undefined;
      const where = {
        ...(act.wave !== undefined && { wave: act.wave }),
        ...(request.cluster !== undefined && { cluster: request.cluster }),
      };
      const line = {
        actor,
        action: `rollout.${kind}`,
        subject: `app/${app}`,
        outcome: 'done' as const,
        reason,
        requestId,
      };
      await this.acts.saveAudit({ ...line, detail: { ...detail, ...where } }, tx);
      if (kind !== 'suspendApp' && kind !== 'resumeApp') return [];
      return this.acts.saveSuspension(tx, act, kind === 'suspendApp' ? Number(detail.until) : null);
    });
    if (changed === undefined) return false;
    this.events.emit('acted', { appIds: [act.appId] });
    if (changed.length > 0) this.events.emit('assigned', { clusterIds: changed });
    return true;
  }

  private async auditRefusal({ kind, app, request, error }: Refusal): Promise<void> {
    const { actor, requestId, reason } = request;
    const line = {
      actor,
      action: `rollout.${kind}`,
      subject: `app/${app}`,
      outcome: 'refused' as const,
      reason,
      requestId,
    };
    await this.acts.saveAudit({ ...line, detail: { refused: error.message } });
  }
}

interface Refusal {
  readonly kind: ActKind;
  readonly app: string;
  readonly request: ActRequest;
  readonly error: Fault;
}

function suspension({ forMs = DEFAULT_SUSPENSION_MS }: ActRequest): number {
  if (forMs > 0 && forMs <= LONGEST_SUSPENSION_MS) return forMs;
  throw new Fault('badInput', 'a suspension lasts at most 24 h', 'name a shorter time; it can be renewed');
}

/** `overrideWindow` → `override window`. */
function printKind(kind: ActKind): string {
  return kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
