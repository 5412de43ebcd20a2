import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { World } from '../support/world.js';
import type { FromWorker, ToWorker } from './agents.worker.js';
import { bundleWorker } from './bundle-worker.js';

const WORKER = join(import.meta.dirname, 'agents.worker.ts');

export interface Arrival {
  /** Unix ms at which each agent had the new desired state. */
  readonly times: readonly number[];
  /** Bytes that came over the agents' connections meanwhile, TLS and framing included. */
  readonly bytes: number;
  /** Bytes of the desired states among them, alone. */
  readonly payload: number;
}

/** Many logical agents in one process of their own. */
export class AgentPool implements AsyncDisposable {
  private constructor(private readonly child: ChildProcess) {}

  static async start(world: World, joinAddress: string, names: readonly string[]): Promise<AgentPool> {
    const tokens: string[] = [];
    for (const name of names)
      tokens.push((await world.api.post<{ token: string }>(`/clusters/${name}/join`, { labels: {} })).token);
    const pool = new AgentPool(fork(await bundleWorker(WORKER), { execArgv: [], stdio: 'inherit' }));
    const joined = pool.next('joined');
    pool.send({ type: 'start', joinAddress, tokens });
    await joined;
    return pool;
  }

  /** The process of all agents. */
  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** From now on counts agents that get a new desired state; resolves with the promise of the last. */
  async arm(): Promise<{ readonly all: Promise<Arrival> }> {
    const armed = this.next('armed');
    const all = this.next('all') as Promise<FromWorker & Arrival>;
    // Whoever arms only to count nothing does not wait for it.
    all.catch(() => undefined);
    this.send({ type: 'arm' });
    await armed;
    return { all };
  }

  /** Every agent reports another health, evenly over the time; Unix ms of each, in the order of names. */
  async flip(withinMs: number): Promise<readonly number[]> {
    const flipped = this.next('flipped') as Promise<Extract<FromWorker, { type: 'flipped' }>>;
    this.send({ type: 'flip', withinMs });
    return (await flipped).times;
  }

  private send(message: ToWorker): void {
    this.child.send(message);
  }

  private next(type: FromWorker['type']): Promise<FromWorker> {
    return new Promise((resolve, reject) => {
      const ended = (): void => reject(new Error('the process of the agents ended'));
      const listen = (message: FromWorker): void => {
        if (message.type !== type) return;
        this.child.off('message', listen).off('exit', ended);
        resolve(message);
      };
      this.child.on('message', listen).once('exit', ended);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await ended;
  }
}
