import { Inject, Injectable } from '@nestjs/common';
import { HubEvents } from '../events/index.js';
import type { LiveSession } from './sessions.port.js';
import { LiveSessions } from './sessions.port.js';

/** Sessions as their opening and closing tells; an open one counts as heard. */
@Injectable()
export class EventSessions extends LiveSessions {
  private readonly open = new Map<number, { readonly id: string; readonly openedAt: number }>();

  constructor(@Inject(HubEvents) events: HubEvents) {
    super();
    events.on('sessionOpened', ({ clusterId, sessionId }) => {
      this.open.set(clusterId, { id: sessionId, openedAt: Date.now() });
    });
    events.on('sessionClosed', ({ clusterId, sessionId }) => {
      if (this.open.get(clusterId)?.id === sessionId) this.open.delete(clusterId);
    });
  }

  sessionOf(clusterId: number): LiveSession | undefined {
    const session = this.open.get(clusterId);
    return session && { ...session, lastSeenAt: Date.now() };
  }
}
