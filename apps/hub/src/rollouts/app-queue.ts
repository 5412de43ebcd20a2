/** Least time between two plans of one app. */
const PACE_MS = 100;

interface Entry {
  running: boolean;
  dirty: boolean;
  startedAt: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Runs one plan per app at a time: the first mark at once, then at most one per 100 ms; marks in between count as one.
 * A bounded number of apps is planned at the same time.
 */
export class AppQueue {
  private readonly entries = new Map<number, Entry>();
  private readonly ready: number[] = [];
  private busy = 0;

  constructor(
    private readonly plan: (appId: number) => Promise<void>,
    private readonly atOnce: number,
  ) {}

  /** Urgent marks (a push, an act) overtake what merely looks again. */
  mark(appId: number, urgent = false): void {
    this.add(appId);
    const waiting = urgent ? this.ready.indexOf(appId) : -1;
    if (waiting > 0) this.ready.unshift(...this.ready.splice(waiting, 1));
  }

  /** Forgets all marks; a running plan ends by itself. */
  clear(): void {
    for (const { timer } of this.entries.values()) clearTimeout(timer);
    this.entries.clear();
    this.ready.length = 0;
  }

  private add(appId: number): void {
    const entry = this.entries.get(appId) ?? { running: false, dirty: false, startedAt: -Infinity, timer: undefined };
    this.entries.set(appId, entry);
    if (entry.dirty) return;
    entry.dirty = true;
    if (!entry.running) this.schedule(appId, entry);
  }

  private schedule(appId: number, entry: Entry): void {
    const wait = entry.startedAt + PACE_MS - performance.now();
    if (wait <= 0) this.enqueue(appId);
    else entry.timer = setTimeout(() => this.enqueue(appId), wait);
  }

  private enqueue(appId: number): void {
    this.ready.push(appId);
    this.work();
  }

  private work(): void {
    while (this.busy < this.atOnce) {
      const appId = this.ready.shift();
      const entry = appId === undefined ? undefined : this.entries.get(appId);
      if (appId === undefined || entry === undefined) return;
      void this.run(appId, entry);
    }
  }

  private async run(appId: number, entry: Entry): Promise<void> {
    this.busy += 1;
    entry.running = true;
    entry.dirty = false;
    entry.startedAt = performance.now();
    await this.plan(appId);
    entry.running = false;
    this.busy -= 1;
    if (entry.dirty && this.entries.get(appId) === entry) this.schedule(appId, entry);
    this.work();
  }
}
