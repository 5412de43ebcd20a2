import { createHash } from 'node:crypto';
import type { AppEntry, DesiredStateDelta, Digest, Version } from '@flotilla/domain';
import { entryText, hashDesiredState, orderEntries } from '@flotilla/domain';

const ENTRY_BYTES = 16;
const DIGEST_BYTES = 32;
const RECORD_BYTES = ENTRY_BYTES + 2 * DIGEST_BYTES;

/**
 * What an agent has stated or acknowledged, packed: a name and 80 bytes per app. With thousands of sessions the entries
 * themselves would be most of the hub's memory, and for a difference their hashes are enough.
 */
export class HeldState {
  // eslint-disable-next-line max-params -- private: `of` is the way in
  private constructor(
    readonly version: Version,
    readonly hash: Digest,
    private readonly names: readonly string[],
    private readonly records: Buffer,
    private readonly leaving: ReadonlySet<string>,
  ) {}

  /** @param entries at most one per app. */
  static of(version: Version, entries: readonly AppEntry[], hash: Digest = hashDesiredState(entries)): HeldState {
    const ordered = orderEntries(entries);
    const records = Buffer.alloc(ordered.length * RECORD_BYTES);
    ordered.forEach((entry, index) => writeRecord(records, index * RECORD_BYTES, entry));
    const names = ordered.map(({ app }) => intern(app));
    const leaving = new Set(ordered.filter(({ life }) => life !== 'active').map(({ app }) => intern(app)));
    return new HeldState(version, hash, names, records, leaving.size > 0 ? leaving : NONE);
  }

  get apps(): readonly string[] {
    return this.names;
  }

  bundleOf(app: string): Digest | undefined {
    return this.digestAt(app, ENTRY_BYTES);
  }

  policyOf(app: string): Digest | undefined {
    return this.digestAt(app, ENTRY_BYTES + DIGEST_BYTES);
  }

  /** The delta to `wanted`. An app that is not wanted any more is forgotten; see `strangers` for which must not be. */
  diff(wanted: readonly AppEntry[]): DesiredStateDelta {
    const kept = new Set(wanted.map(({ app }) => app));
    return {
      set: orderEntries(wanted).filter((entry) => !this.holds(entry)),
      forget: this.names.filter((app) => !kept.has(app)),
    };
  }

  /**
   * Apps that are held as active and not wanted. Nothing goes by absence: they were not asked to leave, so this hub has
   * no right to let them be forgotten.
   */
  strangers(wanted: readonly AppEntry[]): string[] {
    const kept = new Set(wanted.map(({ app }) => app));
    return this.names.filter((app) => !kept.has(app) && !this.leaving.has(app));
  }

  private holds(entry: AppEntry): boolean {
    const at = this.offsetOf(entry.app);
    return at !== undefined && digestOfEntry(entry).equals(this.records.subarray(at, at + ENTRY_BYTES));
  }

  private digestAt(app: string, offset: number): Digest | undefined {
    const at = this.offsetOf(app);
    return at === undefined ? undefined : this.records.toString('hex', at + offset, at + offset + DIGEST_BYTES);
  }

  private offsetOf(app: string): number | undefined {
    let [low, high] = [0, this.names.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.names[middle] as string) < app) low = middle + 1;
      else high = middle;
    }
    return this.names[low] === app ? low * RECORD_BYTES : undefined;
  }
}

const NONE: ReadonlySet<string> = new Set();

function writeRecord(records: Buffer, at: number, entry: AppEntry): void {
  digestOfEntry(entry).copy(records, at);
  records.write(entry.bundle, at + ENTRY_BYTES, 'hex');
  records.write(entry.policy, at + ENTRY_BYTES + DIGEST_BYTES, 'hex');
}

function digestOfEntry(entry: AppEntry): Buffer {
  return createHash('sha256').update(entryText(entry)).digest().subarray(0, ENTRY_BYTES);
}

/** One string per app name in the process, not one per session. Bounded by the apps there are; emptied when it grows beyond. */
const names = new Map<string, string>();

function intern(name: string): string {
  const known = names.get(name);
  if (known !== undefined) return known;
  if (names.size > 10_000) names.clear();
  names.set(name, name);
  return name;
}
