import type { AppReport, Digest } from '@flotilla/domain';

/** A report with whose it is. */
export interface ReceivedReport {
  readonly clusterId: number;
  readonly sessionId: string;
  readonly report: AppReport;
  readonly digest: Digest;
}
