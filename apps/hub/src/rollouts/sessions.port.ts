/** A cluster's live session. */
export interface LiveSession {
  readonly id: string;
  /** Since its last message, of the time that this hub observed. */
  readonly silentForMs: number;
}

/** Who is connected. Delivery provides it; tests give their own. */
export abstract class LiveSessions {
  abstract sessionOf(clusterId: number): LiveSession | undefined;
}
