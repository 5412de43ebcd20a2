/** Least time between two plans of one app. */
const PACE_MS = 100;
/** What merely looks again leaves two thirds of the time to others, however long a plan takes; but is not put off for longer. */
const SHARE = 3;
const LONGEST_PACE_MS = 500;

interface Entry {
  running: boolean;
  dirty: boolean;
  urgent: boolean;
  startedAt: number;
  /** Of the last plan. */
  lastedMs: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Runs one plan per app at a time: the first mark at once, then at most one per 100 ms, or per three times what the last one
 * took; marks in between count as one. A bounded number of apps is planned at the same time.
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
    this.add(appId, urgent);
    const waiting = urgent ? this.ready.indexOf(appId) : -1;
    if (waiting > 0) this.ready.unshift(...this.ready.splice(waiting, 1));
  }

  /** Forgets all marks; a running plan ends by itself. */
  clear(): void {
    for (const { timer } of this.entries.values()) clearTimeout(timer);
    this.entries.clear();
    this.ready.length = 0;
  }

  private add(appId: number, urgent: boolean): void {
    const entry = this.entries.get(appId) ?? newEntry();
    this.entries.set(appId, entry);
    const sooner = urgent && !entry.urgent;
    entry.urgent ||= urgent;
    if (entry.dirty && !(sooner && entry.timer)) return;
    entry.dirty = true;
    if (!entry.running) this.schedule(appId, entry);
  }

  private schedule(appId: number, entry: Entry): void {
    clearTimeout(entry.timer);
    const paceMs = entry.urgent ? PACE_MS : Math.min(LONGEST_PACE_MS, Math.max(PACE_MS, SHARE * entry.lastedMs));
    const wait = entry.startedAt + paceMs - performance.now();
    if (wait <= 0) this.enqueue(appId, entry);
    else entry.timer = setTimeout(() => this.enqueue(appId, entry), wait);
  }

  private enqueue(appId: number, entry: Entry): void {
    entry.timer = undefined;
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
    entry.urgent = false;
    entry.startedAt = performance.now();
    await this.plan(appId);
    entry.lastedMs = performance.now() - entry.startedAt;
    entry.running = false;
    this.busy -= 1;
    if (entry.dirty && this.entries.get(appId) === entry) this.schedule(appId, entry);
    this.work();
  }
}

function newEntry(): Entry {
  return { running: false, dirty: false, urgent: false, startedAt: -Infinity, lastedMs: 0, timer: undefined };
}
