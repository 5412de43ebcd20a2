import type { IncomingMessage } from 'node:http';
import { Fault } from '@flotilla/domain';

const MAX_BYTES = 1024 * 1024;

/** The body of a call as it came. @throws Fault tooLarge above 1 MiB */
export async function receiveBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.byteLength;
    if (bytes > MAX_BYTES) throw new Fault('tooLarge', 'the body is larger than 1 MiB');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
