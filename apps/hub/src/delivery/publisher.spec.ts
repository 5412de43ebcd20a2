import type { AppEntry } from '@flotilla/domain';
import { hashDesiredState } from '@flotilla/domain';
import type { wire } from '@flotilla/protocol';
import { fromWirePublication } from '@flotilla/protocol';
import { describe, expect, it, vi } from 'vitest';
import { HubEvents } from '../events/index.js';
import { AgentSession } from './agent-session.js';
import { SteadyClock } from '../clock/index.js';
import { HeldState } from './held-state.js';
import { Outbox } from './outbox.js';
import { Publisher } from './publisher.service.js';
import { SessionRegistry } from './session-registry.service.js';

const entry = (bundle: string): AppEntry => ({
  app: 'web',
  bundle: bundle.repeat(64),
  policy: 'f'.repeat(64),
  life: 'active',
  mode: 'manage',
  pendingBundle: undefined,
  approvedDeletions: [],
  suspendedUntil: 0,
  retry: 0,
  since: { generation: 1, number: 1 },
});

/** A stream that takes nothing until it drains. */
class SlowStream {
  readonly sent: wire.ConnectResponse[] = [];
  destroyed = false;
  ready = true;
  private drain: () => void = () => undefined;
  write(message: wire.ConnectResponse): boolean {
    this.sent.push(message);
    return this.ready;
  }
  once(_event: string, drain: () => void): this {
    this.drain = drain;
    return this;
  }
  end(): void {
    this.destroyed = true;
  }
  flow(): void {
    this.ready = true;
    this.drain();
  }
  get states(): wire.DesiredState[] {
    return this.sent.flatMap(({ message }) => (message?.$case === 'desiredState' ? [message.value] : []));
  }
}

describe('Publisher', () => {
  it('makes no difference against a base that the agent has left meanwhile', async () => {
    const stream = new SlowStream();
    const session = new AgentSession({
      id: 's',
      clusterId: 1,
      clusterName: 'eu-1',
      serial: '01',
      outbox: new Outbox(stream as never),
      protocol: 2,
      held: HeldState.of({ generation: 1, number: 0 }, []),
      highestSeen: { generation: 1, number: 0 },
      strangers: [],
      clock: new SteadyClock(),
      cut: () => undefined,
    });
    session.welcomed = true;
    const sessions = new SessionRegistry();
    sessions.open(session);
    let wanted = { number: 1, entries: [entry('a')] };
    const states = {
      load: () =>
        Promise.resolve([
          {
            clusterId: 1,
            version: { generation: 1, number: wanted.number },
            frozenBecause: undefined,
            entries: wanted.entries,
          },
        ]),
    };
    const attaching: (() => void)[] = [];
    const attach = (): Promise<object> =>
      new Promise((resolve) => attaching.push(() => resolve({ manifests: [], contents: [], policies: [] })));
    const publisher = new Publisher(
      states as never,
      { attach } as never,
      sessions,
      { leading: true, epoch: 1 } as never,
      new HubEvents(),
      { error: (_: unknown, text: string) => expect.unreachable(text) } as never,
    );
    const attached = async (count: number): Promise<void> => {
      await vi.waitFor(() => expect(attaching).toHaveLength(count));
      attaching[count - 1]?.();
    };
    stream.ready = false;
    session.outbox.put({ $case: 'reportStored', value: { sequence: 1n } });
    publisher.publish([1]);
    await attached(1);
    await vi.waitFor(() => expect(session.outbox.holdsDesiredState).toBe(true));
    wanted = { number: 2, entries: [entry('b')] };
    publisher.publish([1]);
    await vi.waitFor(() => expect(attaching).toHaveLength(2));
    // While the second difference is being made, the first one leaves and is accepted.
    stream.flow();
    session.held = session.offer?.state ?? session.held;
    session.offer = undefined;
    await attached(2);
    await attached(3);
    await vi.waitFor(() => expect(stream.states).toHaveLength(2));
    const bases = stream.states.map((state) => fromWirePublication(state).baseHash);
    expect(bases).toEqual([hashDesiredState([]), hashDesiredState([entry('a')])]);
  });
});
