import { MAX_UNSTORED_REPORTS, toWireReport } from '@flotilla/protocol';
import type { Page, ReportBook } from '../report/report-book.js';
import type { Outbox } from './outbox.js';

/** Sends due reports within the limits of one session, and takes them off the book when the hub has stored them. */
export class ReportSender {
  private sequence = 0;
  private readonly sent = new Map<number, Page>();
  private readonly inFlight = new Set<string>();

  constructor(
    private readonly book: ReportBook,
    private readonly outbox: Outbox,
  ) {}

  /** Sends what is due as far as limits and the stream allow. Called again on every change. */
  pump(): void {
    if (!this.outbox.ready) return;
    for (const page of this.book.due(this.inFlight, MAX_UNSTORED_REPORTS - this.sent.size)) {
      this.sequence += 1;
      this.sent.set(this.sequence, page);
      this.inFlight.add(page.report.app);
      this.outbox.send({ $case: 'report', value: toWireReport(page.report, this.sequence, page.digest) });
      if (!this.outbox.ready) return;
    }
  }

  /** All reports up to this sequence are durable at the hub. */
  stored(sequence: number): void {
    for (const [number, page] of this.sent) {
      if (number > sequence) break;
      this.sent.delete(number);
      this.inFlight.delete(page.report.app);
      this.book.stored(page);
    }
    this.pump();
  }
}
