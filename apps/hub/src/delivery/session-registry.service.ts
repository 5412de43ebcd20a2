import { Injectable } from '@nestjs/common';
import type { AgentSession } from './agent-session.js';

/** What others may know of a session. */
export interface SessionView {
  readonly id: string;
  /** Since its last message, of the time that this hub observed. */
  readonly silentForMs: number;
}

/** The live sessions of this hub: one per cluster, the newest wins. */
@Injectable()
export class SessionRegistry {
  private readonly sessions = new Map<number, AgentSession>();
  private readonly serials = new Map<string, AgentSession>();

  /** @returns the session that gave way. */
  open(session: AgentSession): AgentSession | undefined {
    const before = this.sessions.get(session.clusterId);
    before?.close('superseded', 'a newer session of this cluster has been opened');
    this.sessions.set(session.clusterId, session);
    this.serials.set(session.serial, session);
    return before;
  }

  /** @returns false when a newer session has taken its place. */
  close(session: AgentSession): boolean {
    if (this.serials.get(session.serial) === session) this.serials.delete(session.serial);
    if (this.sessions.get(session.clusterId) !== session) return false;
    return this.sessions.delete(session.clusterId);
  }

  get(clusterId: number): AgentSession | undefined {
    return this.sessions.get(clusterId);
  }

  /** The live session that a certificate has opened. */
  bySerial(serial: string): AgentSession | undefined {
    const session = this.serials.get(serial);
    return session?.live ? session : undefined;
  }

  sessionOf(clusterId: number): SessionView | undefined {
    return this.sessions.get(clusterId);
  }

  /** Clusters with a live session. */
  connected(): number[] {
    return [...this.sessions.keys()];
  }

  all(): AgentSession[] {
    return [...this.sessions.values()];
  }

  get count(): number {
    return this.sessions.size;
  }
}
