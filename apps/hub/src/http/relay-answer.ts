import type { IncomingMessage, ServerResponse } from 'node:http';
import { Fault } from '@flotilla/domain';
import { receiveBody } from './receive-body.js';
import { UpstreamError, passedOn } from './upstream-call.js';

const ANSWER_LIMIT = { bytes: 64 * 1024 * 1024, exceeded: 'the answer is too large' };
const MAX_EVENT = 1024 * 1024;

/** Passes an answer on once it is there in full: one that broke off leaves the caller untouched. */
export async function relayAnswer(answer: IncomingMessage, response: ServerResponse): Promise<'answered'> {
  const body = await receiveBody(answer, ANSWER_LIMIT).catch((error: Error) => {
    throw error instanceof Fault ? error : new UpstreamError(true, error);
  });
  response.writeHead(answer.statusCode ?? 0, { ...passedOn(answer.headers), 'content-length': body.byteLength });
  response.end(body);
  return 'answered';
}

/** Passes events on, each in full; `again` when the stream broke off and the listener is still there. */
export async function relayEvents(answer: IncomingMessage, response: ServerResponse): Promise<'answered' | 'again'> {
  if (!isEventStream(answer)) return response.headersSent ? 'again' : relayAnswer(answer, response);
  if (!response.headersSent) response.writeHead(answer.statusCode ?? 0, passedOn(answer.headers));
  response.flushHeaders();
  await pipeEvents(answer, response).catch(() => undefined);
  return response.destroyed ? 'answered' : 'again';
}

function isEventStream({ headers }: IncomingMessage): boolean {
  return headers['content-type']?.startsWith('text/event-stream') === true;
}

/** What broke off in the middle of an event is let go: the next leader tells it anew, or the listener looks. */
async function pipeEvents(answer: IncomingMessage, response: ServerResponse): Promise<void> {
  let text = '';
  for await (const chunk of answer.setEncoding('utf8') as AsyncIterable<string>) {
    text += chunk;
    const end = text.lastIndexOf('\n\n') + 2;
    if (end < 2) continue;
    response.write(text.slice(0, end));
    text = text.slice(end);
    if (text.length > MAX_EVENT) return;
  }
}
