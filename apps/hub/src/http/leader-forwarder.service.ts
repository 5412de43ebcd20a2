import type { IncomingMessage, ServerResponse } from 'node:http';
import { Agent } from 'node:https';
import type { OnModuleDestroy } from '@nestjs/common';
import { Inject, Injectable } from '@nestjs/common';
import { Fault } from '@flotilla/domain';
import { AuthorityService } from '../clusters/index.js';
import { HubConfig } from '../config/index.js';
import { LeaderService } from '../database/index.js';
import { sendProblem } from './problem-details.filter.js';
import { receiveBody } from './receive-body.js';
import { relayAnswer, relayEvents } from './relay-answer.js';
import type { UpstreamCall } from './upstream-call.js';
import { FORWARDED_HEADER, STANDBY_HEADER, UpstreamError, callUpstream } from './upstream-call.js';

/** Longer than an election takes, also when the leader hangs and its lease must run out. */
const PATIENCE_MS = 20_000;
const RETRY_MS = 100;
const CALL_LIMIT = { bytes: 1024 * 1024, exceeded: 'the body is larger than 1 MiB' };

type Call = Omit<UpstreamCall, 'address' | 'signal' | 'agent' | 'authorities'>;
type Ending = 'answered' | 'again';

/**
 * Lets whoever reaches a standby not notice it: calls to the REST API go on to the leader, with the caller's own token. A
 * leader that falls meanwhile is waited for, and a call that may be made twice is made again.
 */
@Injectable()
export class LeaderForwarder implements OnModuleDestroy {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 256 });
  private readonly stopping = new AbortController();

  constructor(
    @Inject(LeaderService) private readonly leader: LeaderService,
    @Inject(AuthorityService) private readonly authority: AuthorityService,
    @Inject(HubConfig) private readonly config: HubConfig,
  ) {}

  onModuleDestroy(): void {
    this.stopping.abort();
    this.agent.destroy();
  }

  /** Whether a call is the leader's to answer, and this hub is not the leader. */
  concerns({ url = '' }: Pick<IncomingMessage, 'url'>): boolean {
    return !this.leader.leading && /^\/api\/v1(\/|$|\?)/.test(url);
  }

  /** Answers a call with what the leader says. Never rejects. */
  async forward(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      if (request.headers[FORWARDED_HEADER] !== undefined) throw new Fault('notLeader', 'this hub is a standby');
      const { method = 'GET', url: path = '/', headers } = request;
      const call = { method, path, headers, body: await receiveBody(request, CALL_LIMIT) };
      await (isStream(call) ? this.stream(call, response) : this.answer(call, response));
    } catch (error) {
      if (response.headersSent) response.destroy();
      else sendProblem(response, error);
    }
  }

  private async answer(call: Call, response: ServerResponse): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while ((await this.attempt(call, response, relayAnswer)) === 'again') {
      if (Date.now() > deadline) throw new Fault('unavailable', 'no hub leads just now', 'Try again in a moment.');
      await pause();
    }
  }

  /** A live stream goes on with the next leader until the listener has gone. */
  private async stream(call: Call, response: ServerResponse): Promise<void> {
    const gone = new Promise<void>((resolve) => response.once('close', resolve));
    let open = true;
    void gone.then(() => (open = false));
    while (open && !this.stopping.signal.aborted) {
      if ((await this.attempt(call, response, relayEvents)) === 'answered') return;
      await pause();
    }
    response.end();
  }

  private async attempt(
    call: Call,
    response: ServerResponse,
    relay: (answer: IncomingMessage, response: ServerResponse) => Promise<Ending>,
  ): Promise<Ending> {
    const address = await this.leader.address().catch(() => undefined);
    if (address === undefined) return 'again';
    const ended = new AbortController();
    const watch = setInterval(() => void this.endWhenDeposed(address, ended), this.config.settings.leaseMs / 5);
    const abort = (): void => ended.abort();
    response.once('close', abort);
    try {
      const signal = AbortSignal.any([ended.signal, this.stopping.signal]);
      const answer = await callUpstream({ ...call, ...this.way(address), signal });
      if (answer.headers[STANDBY_HEADER] === undefined) return await relay(answer, response);
      answer.resume();
      return 'again';
    } catch (error) {
      if (!(error instanceof UpstreamError) || (error.sent && !isRepeatable(call))) throw brokenOff(error as Error);
      return 'again';
    } finally {
      clearInterval(watch);
      response.off('close', abort);
    }
  }

  private way(address: string): Pick<UpstreamCall, 'address' | 'agent' | 'authorities'> {
    const [, host = '', port = '0'] = /^(.*):(\d+)$/.exec(address) ?? [];
    const at = { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
    return { agent: this.agent, authorities: this.authority.trustPem, address: at };
  }

  /** A leader that hangs answers nothing: once another one is elected, there is nothing to wait for. */
  private async endWhenDeposed(address: string, ended: AbortController): Promise<void> {
    const present = await this.leader.address().catch(() => address);
    if (present !== undefined && present !== address) ended.abort();
  }
}

function isStream({ headers, path }: Call): boolean {
  return /^\/api\/v1\/stream(\?|$)/.test(path) && headers.accept !== 'application/json';
}

/** Reading, looking at sources, and acts with a request id may be done twice with the effect of once. */
function isRepeatable({ method, path, body }: Call): boolean {
  if (method === 'GET' || method === 'HEAD') return true;
  return /^\/api\/v1\/(webhooks|sources)\//.test(path) || body.includes('"requestId"');
}

function brokenOff(cause: Error): Error {
  if (cause instanceof Fault) return cause;
  const hint = 'Look whether it was done, then do it again.';
  return new Fault('unavailable', 'the leading hub ended while it worked on this', hint);
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, RETRY_MS));
}
