import type { Digest } from '@flotilla/domain';

/** Resends asked for in vain make the next wait twice as long, up to this many heartbeats. */
const MAX_PATIENCE = 512;

/**
 * Whether the hash of reports that an agent beats with is the one of what the hub has stored. A hash is looked up only when
 * it stood for two beats: until then reports may be on their way.
 */
export class ReportBeats {
  private confirmed: Digest | undefined;
  private suspect: Digest | undefined;
  private beatsLeft = 1;
  private patience = 1;

  /** @returns true when the hub should look up what it has. */
  hear(hash: Digest): boolean {
    if (hash === this.confirmed) return false;
    if (hash !== this.suspect) {
      this.suspect = hash;
      this.beatsLeft = this.patience;
      return false;
    }
    this.beatsLeft -= 1;
    return this.beatsLeft <= 0;
  }

  /** What the look-up found. @returns true when the agent should send its reports again. */
  settle(beaten: Digest, stored: Digest): boolean {
    // An answer that comes late is not about what has been heard since.
    if (this.suspect === beaten) this.suspect = undefined;
    if (beaten === stored) {
      this.confirmed = stored;
      this.patience = 1;
      return false;
    }
    // An app unknown here has a report that is never stored: asking for ever would only make noise.
    this.patience = Math.min(MAX_PATIENCE, this.patience * 2);
    return true;
  }
}
