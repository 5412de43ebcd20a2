import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import type { FileTree, SourceDefinition } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import type { CommitInfo, GitMirror } from '@flotilla/git';
import { treeAt } from '@flotilla/git';
import { HubConfig } from '../config/index.js';
import { LeaderService } from '../database/index.js';
import { HubEvents } from '../events/index.js';
import { Logger } from '../logging/index.js';
import type { FollowedSource } from './followed-source.js';
import { FLEET_SOURCE, contentSource, fleetSource, sameRemote } from './followed-source.js';
import type { FollowerEvents, Refreshed } from './source-follower.js';
import { SourceFollower } from './source-follower.js';
import type { SourceRow } from './source.repository.js';
import { SourceRepository } from './source.repository.js';

/** Follows the Git sources while this hub leads, and reads what they hold at a commit. */
@Injectable()
export class SourcesService implements OnApplicationBootstrap, OnModuleDestroy, FollowerEvents {
  private readonly followers = new Map<string, SourceFollower>();
  private known = new Map<string, SourceRow>();
  private starting: Promise<void> = Promise.resolve();
  private stopListening: (() => void) | undefined;

  constructor(
    @Inject(HubConfig) private readonly config: HubConfig,
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(HubEvents) private readonly events: HubEvents,
    @Inject(SourceRepository) private readonly repository: SourceRepository,
    @Inject(Logger) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.stopListening = this.leader.onChange((leading) => {
      if (!leading) this.stop();
      else this.starting = this.start().catch((error: Error) => this.logger.error(`sources: ${error.message}`));
    });
  }

  onModuleDestroy(): void {
    this.stopListening?.();
    this.stop();
  }

  /**
   * Looks at one source, or all, now. Resolves with the commits seen and whether they are other ones than before; of all,
   * those that fail are left out and show as failing.
   * @throws Fault notLeader; for one source also notFound, or what the Git server says
   */
  async refresh(name?: string): Promise<readonly Refreshed[]> {
    if (!this.leader.leading) throw new Fault('notLeader', 'this hub is a standby');
    await this.starting;
    if (name !== undefined) return [await this.follower(name).refresh()];
    const looks = await Promise.allSettled([...this.followers.values()].map((follower) => follower.refresh()));
    return looks.flatMap((look) => (look.status === 'fulfilled' ? [look.value] : []));
  }

  /** Last good commit of every source that has one. */
  commits(): ReadonlyMap<string, string> {
    return new Map([...this.followers].flatMap(([name, { commit }]) => (commit === undefined ? [] : [[name, commit]])));
  }

  /** Names of the sources that could not be fetched at the last look, and of those never fetched. */
  failing(): readonly string[] {
    return [...this.followers].filter(([, { failing }]) => failing).map(([name]) => name);
  }

  /** The files of a source at a commit. @throws Fault notFound */
  async tree(source: string, commit: string): Promise<FileTree> {
    return treeAt((await this.follower(source).open()).repository, commit);
  }

  /** @throws Fault notFound */
  async commitInfo(source: string, commit: string): Promise<CommitInfo> {
    return (await this.follower(source).open()).repository.commit(commit);
  }

  /** Lets go of every commit but the newest of each source and these. */
  async keep(commits: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    for (const [name, follower] of this.followers) await follower.keep(commits.get(name) ?? new Set());
  }

  /** Follows these content sources beside the fleet source from now on, and no others. */
  async follow(definitions: readonly SourceDefinition[]): Promise<void> {
    const { settings } = this.config;
    const wanted = definitions.map((definition) => contentSource(definition, settings));
    const names = new Set(wanted.map((source) => source.name));
    for (const [name, follower] of this.followers) {
      if (follower.source.role === 'content' && !names.has(name)) await this.forget(follower);
    }
    for (const source of wanted) await this.take(source);
    await this.forgetAbsent(names);
  }

  /** Sources that were removed while no hub looked. */
  private async forgetAbsent(wanted: ReadonlySet<string>): Promise<void> {
    const gone = [...this.known.keys()].filter((name) => name !== FLEET_SOURCE && !wanted.has(name));
    for (const name of gone) {
      this.known.delete(name);
      await this.repository.remove(name);
    }
  }

  async moved(source: FollowedSource, mirror: GitMirror, commit: string): Promise<void> {
    const info = await mirror.repository.commit(commit);
    await this.repository.saveMoved(source.name, info);
    const message = `${source.name} moved to ${commit.slice(0, 7)} "${info.subject}" (${info.author})`;
    this.logger.info(message);
    this.events.emit('sourceMoved', { source: source.name, commit });
    this.events.emit('changed', { kind: 'source', name: source.name, message });
  }

  async checked({ name }: FollowedSource, recovered: boolean): Promise<void> {
    await this.repository.saveChecked(name);
    if (!recovered) return;
    this.logger.info(`${name} can be fetched again`);
    this.events.emit('sourceRecovered', { source: name });
    this.events.emit('changed', { kind: 'source', name, message: `${name} can be fetched again` });
  }

  async failed(source: FollowedSource, error: Error): Promise<void> {
    const hint = (error instanceof Fault ? error.hint : undefined) ?? 'The last good commit stays in force.';
    const said = error instanceof Fault ? error.message : 'the source cannot be read';
    this.logger.warn(`${source.name} cannot be fetched: ${said}`);
    await this.repository.saveFailing(source.name, said, hint).catch(() => undefined);
    this.events.emit('changed', { kind: 'source', name: source.name, message: `${source.name} fails: ${said}` });
  }

  private async start(): Promise<void> {
    this.known = new Map((await this.repository.load()).map((row) => [row.name, row]));
    await this.take(fleetSource(this.config.settings));
  }

  private stop(): void {
    for (const follower of this.followers.values()) follower[Symbol.dispose]();
    this.followers.clear();
  }

  private async forget(follower: SourceFollower): Promise<void> {
    const { name } = follower.source;
    follower[Symbol.dispose]();
    this.followers.delete(name);
    this.known.delete(name);
    await this.repository.remove(name);
  }

  /** Begins to follow a source; one that is followed already goes on, unless it is another remote now. */
  private async take(source: FollowedSource): Promise<void> {
    const running = this.followers.get(source.name);
    if (running && sameRemote(running.source, source) && running.source.intervalMs === source.intervalMs) return;
    running?.[Symbol.dispose]();
    await this.repository.saveSource(source);
    const follower = new SourceFollower(source, this.config.settings.dataDir, this);
    this.followers.set(source.name, follower);
    const row = this.known.get(source.name);
    const same = row?.url === source.url && row.ref === source.refText;
    await follower.start((same ? row.commit : undefined) ?? undefined);
    if (follower.commit !== undefined)
      this.events.emit('sourceMoved', { source: source.name, commit: follower.commit });
    void follower.refresh().catch(() => undefined);
  }

  private follower(name: string): SourceFollower {
    const follower = this.followers.get(name);
    const starting = this.known.has(name) || !this.followers.has(FLEET_SOURCE);
    if (!follower && starting)
      throw new Fault('unavailable', 'this hub has only just taken over', 'Try again in a second.');
    if (!follower) throw new Fault('notFound', `there is no source "${name}"`, 'flotilla get sources lists them.');
    return follower;
  }
}
