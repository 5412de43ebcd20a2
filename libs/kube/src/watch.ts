import type { IncomingMessage } from 'node:http';
import type { KubeObject } from '@flotilla/domain';
import { parseJson } from '@flotilla/domain';
import { ApiFault, statusFault } from './api-fault.js';
import type { ResourceType } from './resource-type.js';
import { pathOf } from './resource-type.js';
import type { Transport } from './transport.js';

export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly resourceVersion: string;
  /** After this time the server closes the watch by itself. */
  readonly timeoutMs?: number;
  readonly impersonate?: string | undefined;
  /** Objects come without anything but their metadata. */
  readonly metadataOnly?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: KubeObject;
}

const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1';
const WATCH_MS = 300_000;
const GRACE_MS = 20_000;

/**
 * Opens one watch connection; the events run to its end. An ERROR event (410 too) is thrown as its ApiFault; a broken stream
 * just ends.
 */
export async function openWatch(
  transport: Transport,
  type: ResourceType,
  options: WatchOptions,
): Promise<AsyncGenerator<WatchEvent>> {
  const timeoutMs = options.timeoutMs ?? WATCH_MS;
  const response = await transport.stream({
    method: 'GET',
    path: pathOf(type, options.namespace ?? ''),
    query: {
      watch: 1,
      allowWatchBookmarks: 'true',
      labelSelector: options.labelSelector,
      fieldSelector: options.fieldSelector,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: Math.ceil(timeoutMs / 1_000),
    },
    ...(options.metadataOnly === true ? { accept: METADATA } : {}),
    impersonate: options.impersonate,
    signal: options.signal,
  });
  response.socket.setKeepAlive(true, 15_000);
  return readEvents(response, timeoutMs + GRACE_MS);
}

async function* readEvents(response: IncomingMessage, atMostMs: number): AsyncGenerator<WatchEvent> {
  const stuck = setTimeout(() => response.destroy(), atMostMs);
  try {
    for await (const line of readLines(response)) yield parseEvent(line);
  } finally {
    clearTimeout(stuck);
    response.destroy();
  }
}

async function* readLines(chunks: AsyncIterable<unknown>): AsyncGenerator<string> {
  const rest: Buffer[] = [];
  try {
    for await (const chunk of chunks) yield* splitLines(chunk as Buffer, rest);
  } catch (error) {
    if (error instanceof ApiFault) throw error;
    // The connection broke: whoever follows resumes from the last version seen.
  }
}

/** The lines that end in this chunk; what is left over waits in `rest` for the next one. */
function* splitLines(chunk: Buffer, rest: Buffer[]): Generator<string> {
  let bytes = chunk;
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10)) {
    const line = Buffer.concat([...rest.splice(0), bytes.subarray(0, end)]).toString('utf8');
    bytes = bytes.subarray(end + 1);
    if (line !== '') yield line;
  }
  if (bytes.length > 0) rest.push(bytes);
}

function parseEvent(line: string): WatchEvent {
  const event = parseJson(line) as unknown as { type: WatchEvent['type'] | 'ERROR'; object: KubeObject };
  if (event.type === 'ERROR') throw statusFault(event.object);
  return { type: event.type, object: event.object };
}
