import { Inject, Injectable } from '@nestjs/common';
import type { Version } from '@flotilla/domain';
import { orderVersions, printVersion } from '@flotilla/domain';
import { AuditRepository } from '../access/index.js';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import { Logger } from '../logging/index.js';
import type { WantedState } from './desired-state.repository.js';
import { SessionRepository } from './session.repository.js';

/** The highest that an agent has seen. */
export interface Seen {
  readonly version: Version;
  readonly epoch: number;
}

/** Where the hub stands, to be compared with what an agent has seen. */
export type HubPosition = Pick<WantedState, 'version' | 'frozenBecause'>;

/**
 * An agent that is ahead of the database has seen a future: the database was restored. The hub then publishes nothing
 * until a person says how to go on (rollouts.md, The hub restored from a backup).
 */
@Injectable()
export class TimeTravel {
  constructor(
    @Inject(SessionRepository) private readonly repository: SessionRepository,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(AuditRepository) private readonly audit: AuditRepository,
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(Logger) private readonly log: Logger,
  ) {}

  /** @returns why nothing is published; undefined when the hub is not behind. */
  async check(cluster: string, seen: Seen, position: HubPosition): Promise<string | undefined> {
    const ahead = orderVersions(seen.version, position.version) > 0 || seen.epoch > this.leader.epoch;
    if (!ahead) return position.frozenBecause;
    const reason =
      `timeTravel: ${cluster} has seen version ${printVersion(seen.version)} and epoch ${seen.epoch}, ` +
      `this database is at ${printVersion(position.version)} and ${this.leader.epoch}`;
    if (!(await this.repository.freeze(reason))) return position.frozenBecause ?? reason;
    this.log.error({ cluster, reason }, 'the database is older than what agents have seen: nothing is published');
    await this.audit.record({ actor: 'hub', action: 'hub.freeze', subject: cluster, reason, outcome: 'done' });
    this.events.emit('changed', { kind: 'cluster', cluster, message: reason });
    return reason;
  }
}
