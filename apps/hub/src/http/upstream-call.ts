import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Agent } from 'node:https';
import { request as httpsRequest } from 'node:https';
import type { ListenAddress } from '../config/index.js';

/** Set on what one hub passes on to another: it is never passed on again. */
export const FORWARDED_HEADER = 'x-flotilla-forwarded';
/** Set on answers of a hub that decided nothing because it does not lead: the call may be made again elsewhere. */
export const STANDBY_HEADER = 'x-flotilla-standby';
/** Name in the certificates of peer listeners: no other certificate of the hub's authority has it. */
export const PEER_NAME = 'peer.flotilla.internal';

/** Meant for one connection only, never for what lies behind it. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'expect']);

export interface UpstreamCall {
  readonly agent: Agent;
  readonly address: ListenAddress;
  /** PEM of the hub's authorities. */
  readonly authorities: readonly string[];
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly signal: AbortSignal;
}

/**
 * Makes a call to another hub over TLS, trusting the hubs' own authority only. Rejects with the error of the connection;
 * `sent` tells whether the other hub may have seen the call.
 */
export async function callUpstream(call: UpstreamCall): Promise<IncomingMessage> {
  let sent = false;
  return new Promise((resolve, reject) => {
    const request = httpsRequest({
      agent: call.agent,
      host: call.address.host,
      port: call.address.port,
      servername: PEER_NAME,
      ca: [...call.authorities],
      minVersion: 'TLSv1.3',
      method: call.method,
      path: call.path,
      headers: { ...passedOn(call.headers), 'content-length': call.body.byteLength, [FORWARDED_HEADER]: '1' },
      signal: call.signal,
    });
    request.on('finish', () => (sent = true));
    request.on('response', resolve);
    request.on('error', (cause) => reject(new UpstreamError(sent, cause)));
    request.end(call.body);
  });
}

export class UpstreamError extends Error {
  constructor(
    /** Whether the other hub may have acted on the call. */
    readonly sent: boolean,
    cause: Error,
  ) {
    super(cause.message, { cause });
  }
}

/** Headers without those of the connection. */
export function passedOn(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name) && name !== 'content-length'),
  );
}
