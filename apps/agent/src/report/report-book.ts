import type { AppReport, Digest } from '@flotilla/domain';
import { boundReport, MAX_REPORT_BYTES, reportDigest, reportsHash } from '@flotilla/domain';

/** A report, bounded, and its digest. */
export interface Page {
  readonly report: AppReport;
  readonly digest: Digest;
}

/**
 * The newest report of each app, and which of them the hub does not have yet. Older ones are never kept: a hub that was
 * away gets the present, not a history.
 */
export class ReportBook {
  private readonly pages = new Map<string, Page>();
  /** Apps whose newest report is not stored by the hub, in the order in which they changed. */
  private readonly unstored = new Set<string>();
  /** Apps whose report changed since a hash was stated to the hub. */
  private readonly changedSince = new Set<string>();
  private cachedHash: Digest | undefined;
  private changed: () => void = () => undefined;

  /** @param maxBytes of one report, as JSON; a hub may take less. */
  constructor(private maxBytes = MAX_REPORT_BYTES) {}

  /** The hub may ask for less. */
  limitTo(maxBytes: number): void {
    if (maxBytes > 0) this.maxBytes = Math.min(maxBytes, MAX_REPORT_BYTES);
  }

  get unstoredCount(): number {
    return this.unstored.size;
  }

  /** Calls back whenever there may be something to send. One listener: the present session. */
  onChange(changed: () => void): void {
    this.changed = changed;
  }

  put(full: AppReport): void {
    const report = boundReport(full, this.maxBytes);
    const digest = reportDigest(report);
    const same = this.pages.get(report.app)?.digest === digest;
    this.pages.set(report.app, { report, digest });
    if (same) return;
    this.cachedHash = undefined;
    this.unstored.add(report.app);
    this.changedSince.add(report.app);
    this.changed();
  }

  /** The app is gone from the cluster: nothing is reported of it any more. */
  remove(app: string): void {
    this.unstored.delete(app);
    this.changedSince.delete(app);
    if (this.pages.delete(app)) this.cachedHash = undefined;
  }

  /** One hash over all reports. */
  hash(): Digest {
    this.cachedHash ??= reportsHash([...this.pages].map(([app, { digest }]) => ({ app, digest })));
    return this.cachedHash;
  }

  /** The hash that a session starts with. */
  state(): Digest {
    this.changedSince.clear();
    return this.hash();
  }

  /** What a session has to send: everything, or when the hub knows all that was stated, what changed since. */
  open(hubKnowsStated: boolean): void {
    this.unstored.clear();
    for (const app of hubKnowsStated ? this.changedSince : this.pages.keys()) this.unstored.add(app);
  }

  /** Apps to report that are not on their way, at most `limit`. */
  due(inFlight: ReadonlySet<string>, limit: number): Page[] {
    const due: Page[] = [];
    for (const app of this.unstored) {
      if (due.length >= limit) break;
      const page = this.pages.get(app);
      if (page !== undefined && !inFlight.has(app)) due.push(page);
    }
    return due;
  }

  /** The hub has stored this report; a newer one of the app stays due. */
  stored({ report, digest }: Page): void {
    if (this.pages.get(report.app)?.digest === digest) this.unstored.delete(report.app);
  }
}
