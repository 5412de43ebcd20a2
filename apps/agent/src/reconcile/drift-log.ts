import type { DriftEntry, DriftItem } from '@flotilla/domain';
import { refKey } from '@flotilla/domain';
import type { Instant } from './reconciler.port.js';

const KEPT_MS = 15 * 60_000;
const MAX_KEPT = 50;

/** Drifts of one app: open ones, and healed ones for a while, so that people see what was changed by whom. */
export class DriftLog {
  private kept: { readonly found: DriftItem; readonly entry: DriftEntry; readonly noticedAt: number }[] = [];

  /** Notes what differs of one object; replaces what was open for it. False when that was known. */
  note(key: string, items: readonly DriftItem[], now: Instant): boolean {
    const isOpen = ({ entry }: { readonly entry: DriftEntry }): boolean => !entry.healed && refKey(entry.ref) === key;
    const open = this.kept.filter(isOpen);
    if (JSON.stringify(open.map(({ found }) => found)) === JSON.stringify(items)) return false;
    const since = new Map(open.map(({ entry }) => [`${entry.kind} ${entry.field}`, entry.seenAt]));
    this.kept = this.kept.filter((kept) => !isOpen(kept));
    for (const found of items) {
      const seenAt = since.get(`${found.kind} ${found.field}`) ?? now.wall;
      this.kept.push({ found, entry: { ...found, seenAt, healedAt: 0, left: '' }, noticedAt: now.monotonic });
    }
    this.kept = this.kept.slice(-MAX_KEPT);
    return true;
  }

  /** Open drifts of an object are over: healed by us, or gone by themselves. */
  settle(key: string, healed: boolean, now: Instant): void {
    this.kept = this.kept.flatMap((kept) => {
      if (kept.entry.healed || refKey(kept.entry.ref) !== key) return [kept];
      return healed ? [{ ...kept, entry: { ...kept.entry, healed: true, healedAt: now.wall } }] : [];
    });
  }

  /** Newest first. */
  items(): DriftEntry[] {
    return this.kept.map(({ entry }) => entry).reverse();
  }

  /** Drops what was healed long ago. */
  expire({ monotonic }: Instant): void {
    this.kept = this.kept.filter(({ entry, noticedAt }) => !entry.healed || monotonic - noticedAt < KEPT_MS);
  }
}
