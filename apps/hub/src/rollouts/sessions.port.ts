/** A cluster's live session, in this hub's own clock. */
export interface LiveSession {
  readonly id: string;
  /** Unix ms. */
  readonly openedAt: number;
  /** Unix ms of the last message. */
  readonly lastSeenAt: number;
}

/** Who is connected. Delivery provides it; tests give their own. */
export abstract class LiveSessions {
  abstract sessionOf(clusterId: number): LiveSession | undefined;
}
