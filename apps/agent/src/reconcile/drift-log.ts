import type { DriftItem } from '@flotilla/domain';
import { refKey } from '@flotilla/domain';

const KEPT_MS = 15 * 60_000;
const MAX_KEPT = 50;

/** Drifts of one app: open ones, and healed ones for a while, so that people see what was changed by whom. */
export class DriftLog {
  private kept: { readonly item: DriftItem; readonly noticedAt: number }[] = [];

  /** Notes what differs of one object; replaces what was open for it. False when that was known. */
  note(key: string, items: readonly DriftItem[], now: number): boolean {
    const open = this.kept.filter(({ item }) => !item.healed && refKey(item.ref) === key).map(({ item }) => item);
    if (JSON.stringify(open) === JSON.stringify(items)) return false;
    this.kept = this.kept.filter(({ item }) => item.healed || refKey(item.ref) !== key);
    this.kept.push(...items.map((item) => ({ item, noticedAt: now })));
    this.kept = this.kept.slice(-MAX_KEPT);
    return true;
  }

  /** Open drifts of an object are over: healed by us, or gone by themselves. */
  settle(key: string, healed: boolean): void {
    this.kept = this.kept.flatMap((entry) => {
      if (entry.item.healed || refKey(entry.item.ref) !== key) return [entry];
      return healed ? [{ ...entry, item: { ...entry.item, healed: true } }] : [];
    });
  }

  /** Newest first. */
  items(): DriftItem[] {
    return this.kept.map(({ item }) => item).reverse();
  }

  /** Drops what was healed long ago. */
  expire(now: number): void {
    this.kept = this.kept.filter(({ item, noticedAt }) => !item.healed || now - noticedAt < KEPT_MS);
  }
}
