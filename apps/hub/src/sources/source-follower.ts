import { Fault } from '@flotilla/domain';
import type { GitMirror } from '@flotilla/git';
import type { FollowedSource } from './followed-source.js';
import { openMirror } from './followed-source.js';

/** What a look at a source gave. */
export interface Refreshed {
  readonly source: string;
  readonly commit: string;
  readonly moved: boolean;
}

export interface FollowerEvents {
  /** The commit is fetched. Saved before anybody hears of it. */
  moved(source: FollowedSource, mirror: GitMirror, commit: string): Promise<void>;
  /** @param recovered whether the look before this one failed */
  checked(source: FollowedSource, recovered: boolean): Promise<void>;
  failed(source: FollowedSource, error: Error): Promise<void>;
}

/** So many looks in a row that found nothing new are not slowed down: a webhook may come a little before its commit. */
const IDLE_LOOKS = 3;
/** Beyond, a flood of calls costs the Git server so many looks a second at most. */
const IDLE_GAP_MS = 250;

/** Follows one source: one look at a time, by interval and on request. A look that fails leaves the last good commit. */
export class SourceFollower implements Disposable {
  /** Last good commit. */
  commit: string | undefined;
  failing = false;
  private mirror: Promise<GitMirror> | undefined;
  private running: Promise<unknown> = Promise.resolve();
  private next: Promise<Refreshed> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  /** Looks in a row that found nothing new, and when the last one began. */
  private idle = { looks: 0, at: 0 };

  constructor(
    readonly source: FollowedSource,
    private readonly dataDir: string,
    private readonly events: FollowerEvents,
  ) {}

  /** Takes up the commit that was good before, when it is still here, and begins to look. */
  async start(commit: string | undefined): Promise<void> {
    const mirror = await this.open().catch(() => undefined);
    if (commit !== undefined && mirror && (await mirror.has(commit))) this.commit = commit;
    this.schedule();
  }

  /** The mirror, opened once. @throws Fault when the source cannot be followed as declared */
  async open(): Promise<GitMirror> {
    this.mirror ??= openMirror(this.source, this.dataDir);
    this.mirror.catch(() => (this.mirror = undefined));
    return this.mirror;
  }

  /** Looks now. Whoever asks while a look is on gets the next one: the running one may have missed what they pushed. */
  refresh(): Promise<Refreshed> {
    this.next ??= this.running
      .then(() => this.calmDown())
      .then(() => {
        this.next = undefined;
        return this.track(this.look());
      });
    return this.next;
  }

  private async calmDown(): Promise<void> {
    const restMs = this.idle.at + IDLE_GAP_MS - performance.now();
    if (this.idle.looks < IDLE_LOOKS || restMs <= 0) return;
    await new Promise((resolve) => setTimeout(resolve, restMs));
  }

  /** Lets go of all commits but these and the present one. Waits for a look that is on. */
  keep(commits: ReadonlySet<string>): Promise<void> {
    return this.track(
      this.running.then(async () => {
        const present = this.commit === undefined ? [] : [this.commit];
        await (await this.open()).keepPins(new Set([...commits, ...present]));
      }),
    );
  }

  [Symbol.dispose](): void {
    this.stopped = true;
    clearTimeout(this.timer);
    void this.mirror?.then((mirror) => mirror[Symbol.dispose]()).catch(() => undefined);
  }

  private track<T>(work: Promise<T>): Promise<T> {
    this.running = work.catch(() => undefined);
    return work;
  }

  private async look(): Promise<Refreshed> {
    const at = performance.now();
    const looks = at - this.idle.at > 4 * IDLE_GAP_MS ? 1 : this.idle.looks + 1;
    this.idle = { looks, at };
    try {
      const commit = await this.fetch();
      const moved = commit !== this.commit;
      if (moved) this.idle = { looks: 0, at };
      if (moved) await this.move(commit);
      else await this.check();
      return { source: this.source.name, commit, moved };
    } catch (error) {
      this.failing = true;
      await this.events.failed(this.source, error as Error);
      throw error;
    }
  }

  private async check(): Promise<void> {
    const recovered = this.failing;
    this.failing = false;
    await this.events.checked(this.source, recovered);
  }

  private async move(commit: string): Promise<void> {
    const mirror = await this.open();
    const before = this.commit;
    this.commit = commit;
    this.failing = false;
    try {
      await Promise.all([mirror.pin(commit), this.events.moved(this.source, mirror, commit)]);
    } catch (error) {
      this.commit = before;
      throw error;
    }
  }

  private async fetch(): Promise<string> {
    if (this.source.refusal !== undefined) throw new Fault('notApplicable', this.source.refusal);
    return (await this.open()).fetch(this.source.ref);
  }

  /** Asks the remote for its commit, which is cheap, and fetches only when it is another one. */
  private async poll(): Promise<void> {
    const seen = this.commit === undefined ? undefined : await this.ask().catch(() => undefined);
    if (seen === this.commit && seen !== undefined) await this.check();
    else await this.refresh();
  }

  private async ask(): Promise<string> {
    return (await this.open()).remoteCommit(this.source.ref);
  }

  /** With jitter, so that many sources do not ask at the same moment. */
  private schedule(): void {
    if (this.stopped) return;
    const delay = this.source.intervalMs * (0.9 + Math.random() * 0.2);
    this.timer = setTimeout(() => {
      void this.poll()
        .catch(() => undefined)
        .finally(() => this.schedule());
    }, delay);
  }
}
