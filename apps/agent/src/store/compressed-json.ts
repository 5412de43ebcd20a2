import { deflateRaw, inflateRaw } from 'node:zlib';
import { promisify } from 'node:util';
import type { Json } from '@flotilla/domain';

const deflate = promisify(deflateRaw);
const inflate = promisify(inflateRaw);

/** A JSON value as a record holds it. */
export function compressJson(value: Json): Promise<Uint8Array> {
  return deflate(JSON.stringify(value));
}

/** @throws Error when the record was damaged. */
export async function expandJson(record: Uint8Array): Promise<unknown> {
  return JSON.parse((await inflate(record)).toString('utf8'));
}
