import type { IncomingMessage } from 'node:http';
import { Fault } from '@flotilla/domain';

/** The body of a call or of an answer as it came. @throws Fault tooLarge beyond the limit, saying so */
export async function receiveBody(
  message: IncomingMessage,
  limit: { readonly bytes: number; readonly exceeded: string },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > limit.bytes) throw new Fault('tooLarge', limit.exceeded);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
