/**
 * A process of many logical agents with real links over mutual TLS. Told by its parent: `{start}` joins them, `{arm}` counts
 * anew; it tells when all have joined, and when all have a new desired state (with the time of each, and bytes received).
 */
import { connect as tlsConnect } from 'node:tls';
import type { TLSSocket } from 'node:tls';
import { createRequire } from 'node:module';
import type { AppReport } from '@flotilla/domain';
import { wire } from '@flotilla/protocol';
import { InstantReconciler, startSimulatedAgent } from '../../apps/agent/src/simulate/index.js';
import { systemClock } from '../../apps/agent/src/system-clock.js';

export type ToWorker =
  | { readonly type: 'start'; readonly joinAddress: string; readonly tokens: readonly string[] }
  | { readonly type: 'arm' }
  | { readonly type: 'flip'; readonly withinMs: number };
export type FromWorker =
  | { readonly type: 'joined' }
  | { readonly type: 'armed' }
  | { readonly type: 'flipped'; readonly times: readonly number[] }
  | { readonly type: 'all'; readonly times: readonly number[]; readonly bytes: number; readonly payload: number };

const sockets = new Set<TLSSocket>();
const tls = createRequire(import.meta.url)('node:tls') as { connect: typeof tlsConnect };
tls.connect = ((...args: Parameters<typeof tlsConnect>) => {
  const socket = tlsConnect(...args);
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  return socket;
}) as typeof tlsConnect;

/** Bytes of desired states alone, as gRPC hands them over: without framing, TLS and other messages. */
let payload = 0;
const DESIRED_STATE_TAG = 0x12;
const decode = wire.ConnectResponse.decode.bind(wire.ConnectResponse);
wire.ConnectResponse.decode = (input, length) => {
  if (input instanceof Uint8Array && input[0] === DESIRED_STATE_TAG) payload += input.length;
  return decode(input, length);
};

let waiting = new Set<number>();
let times: number[] = [];
let bytesBefore = 0;
const bytes = (): number => [...sockets].reduce((sum, socket) => sum + socket.bytesRead, 0);
const tell = (message: FromWorker): void => void process.send?.(message);

function got(agent: number): void {
  if (!waiting.delete(agent)) return;
  times.push(performance.timeOrigin + performance.now());
  if (waiting.size === 0) tell({ type: 'all', times, bytes: bytes() - bytesBefore, payload });
}

/** Applies everything at once, and says when it was told to. */
class CountedReconciler extends InstantReconciler {
  private last: AppReport | undefined;

  constructor(
    private readonly told: ConstructorParameters<typeof InstantReconciler>[0],
    clock: ConstructorParameters<typeof InstantReconciler>[1],
    private readonly onDesired: () => void,
  ) {
    super({ ...told, report: (report) => told.report((this.last = report)) }, clock);
  }

  /** The app turns from healthy to failed, or back. */
  flip(): void {
    if (!this.last) return;
    const isHealthy = this.last.health === 'healthy';
    this.last = {
      ...this.last,
      health: isHealthy ? 'failed' : 'healthy',
      objectsReady: isHealthy ? 0 : this.last.objects,
    };
    this.told.report(this.last);
  }

  override setDesired(desired: Parameters<InstantReconciler['setDesired']>[0]): void {
    super.setDesired(desired);
    this.onDesired();
  }
}

const AT_ONCE = 50;

/** Joins them some at a time: the hub bounds how many calls of one address may be under way. */
async function start(joinAddress: string, tokens: readonly string[]): Promise<void> {
  for (let from = 0; from < tokens.length; from += AT_ONCE) {
    const agents = await Promise.all(
      tokens.slice(from, from + AT_ONCE).map((token, i) => joinOne(joinAddress, token, from + i)),
    );
    while (agents.some((agent) => !agent.connected)) await new Promise((resolve) => setTimeout(resolve, 10));
  }
  tell({ type: 'joined' });
}

function joinOne(joinAddress: string, token: string, index: number): ReturnType<typeof startSimulatedAgent> {
  const reconciler = (events: ConstructorParameters<typeof InstantReconciler>[0]): CountedReconciler =>
    (reconcilers[index] = new CountedReconciler(events, systemClock, () => got(index)));
  return startSimulatedAgent({ joinAddress, token, reconciler });
}

const reconcilers: CountedReconciler[] = [];

/** Every agent once, evenly over the time; tells when each did. */
async function flipAll(withinMs: number): Promise<void> {
  const start = performance.now();
  const flipTimes: number[] = [];
  for (const [index, reconciler] of reconcilers.entries()) {
    const wait = start + (index * withinMs) / reconcilers.length - performance.now();
    if (wait > 1) await new Promise((resolve) => setTimeout(resolve, wait));
    flipTimes[index] = performance.timeOrigin + performance.now();
    reconciler.flip();
  }
  tell({ type: 'flipped', times: flipTimes });
}

let count = 0;
process.on('message', (message: ToWorker) => {
  if (message.type === 'start') {
    count = message.tokens.length;
    void start(message.joinAddress, message.tokens);
    return;
  }
  if (message.type === 'flip') return void flipAll(message.withinMs);
  waiting = new Set(Array.from({ length: count }, (_, i) => i));
  times = [];
  bytesBefore = bytes();
  payload = 0;
  tell({ type: 'armed' });
});
process.on('disconnect', () => process.exit(0));
