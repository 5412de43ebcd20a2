import { expect, it } from 'vitest';
import type { ServerSentEvent } from './server-sent-events.js';
import { readEvents } from './server-sent-events.js';

async function read(...chunks: readonly string[]): Promise<ServerSentEvent[]> {
  const bytes = (async function* () {
    for (const chunk of chunks) yield new TextEncoder().encode(chunk);
  })();
  const events: ServerSentEvent[] = [];
  for await (const event of readEvents(bytes)) events.push(event);
  return events;
}

const TEXT = 'event: target\nid: 7\ndata: {"app":"web"}\n\n: comment\n\ndata: a\ndata: b\n\n';
const EVENTS = [
  { type: 'target', data: '{"app":"web"}' },
  { type: 'message', data: 'a\nb' },
];

it('reads events with their type, joins data lines, skips comments', async () => {
  expect(await read(TEXT)).toEqual(EVENTS);
  expect(await read(TEXT.replaceAll('\n', '\r\n'))).toEqual(EVENTS);
});

it('does not care where chunks are cut', async () => {
  expect(await read(...TEXT)).toEqual(EVENTS);
});

it('leaves an event that has not ended', async () => {
  expect(await read('data: a\n\ndata: half')).toEqual([{ type: 'message', data: 'a' }]);
});
