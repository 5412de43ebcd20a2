/** One event of a stream. */
export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
}

/** Reads `text/event-stream`: events end with an empty line, several `data` lines are one text, comments are nothing. */
export async function* readEvents(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parseEvent(block);
      if (event) yield event;
    }
  }
}

function parseEvent(block: string): ServerSentEvent | undefined {
  const fields = block.split(/\r?\n/).map((line) => /^(event|data): ?(.*)$/.exec(line));
  const data = fields.filter((field) => field?.[1] === 'data').map((field) => field?.[2] ?? '');
  const type = fields.find((field) => field?.[1] === 'event')?.[2] ?? 'message';
  return data.length === 0 ? undefined : { type, data: data.join('\n') };
}
