import type { IncomingMessage } from 'node:http';
import { parseJson } from '@flotilla/domain';
import { parse } from 'yaml';
import type { Json } from '../json.js';
import { decodeProtobuf } from '../protobuf/decode-protobuf.js';
import type { Decoding } from '../resources/decode-object.js';
import { badRequest, tooLarge, unsupportedMedia } from '../status-error.js';
import { findDuplicateKeys } from './duplicate-keys.js';

const LIMIT = 3 * 1024 * 1024;
const ACCEPTED = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** The body as text, at most 3 MiB as the API server takes it; protobuf, which typed clients send, as JSON. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > LIMIT) throw tooLarge(LIMIT);
    chunks.push(chunk);
  }
  const body = Buffer.concat(chunks);
  return contentType(request) === PROTOBUF && body.length > 0 ? JSON.stringify(decodeProtobuf(body)) : body.toString();
}

/** Media type of the body, without parameters. */
export function contentType(request: IncomingMessage): string {
  return (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** Reads an object in JSON or YAML. @throws 415 for other media types, 400 for text that is neither. */
export function decodeText(text: string, media: string): Json {
  if (media === '' || media === 'application/json' || text.trimStart().startsWith('{')) return decodeJson(text);
  if (media === 'application/yaml') return decodeYaml(text);
  throw unsupportedMedia(
    `the body of the request was in an unknown format - accepted media types include: ${ACCEPTED}`,
  );
}

export function decodeJson(text: string): Json {
  try {
    return parseJson(text) as Json;
  } catch (error) {
    throw badRequest(`couldn't get version/kind; json parse error: ${(error as Error).message}`);
  }
}

// The characters that a YAML stream may not hold as they are (but for line ends and tabs).

const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/**
 * YAML as `sigs.k8s.io/yaml` reads it: 1.1 scalars, no control characters. JSON is YAML too, and
 * quicker read as JSON; there, U+0085 inside a text is a line break and becomes a space.
 */
export function decodeYaml(text: string): Json {
  if (FORBIDDEN.test(text)) throw badRequest('error decoding YAML: yaml: control characters are not allowed');
  if (text.trimStart().startsWith('{')) return decodeJson(text.replaceAll('\u0085', ' '));
  try {
    return parse(text, { version: '1.1', merge: true, maxAliasCount: 100, uniqueKeys: false }) as Json;
  } catch (error) {
    throw badRequest(`error decoding YAML: error converting YAML to JSON: yaml: ${(error as Error).message}`);
  }
}

/** Keys that stand twice, in the words of the YAML decoder: refused under Strict, warned of under Warn. */
export function checkDuplicates(text: string, { validation, warnings }: Decoding): void {
  if (validation === 'Ignore' || !text.trimStart().startsWith('{')) return;
  const told = findDuplicateKeys(text).map(({ key, line }) => `line ${line}: key "${key}" already set in map`);
  if (told.length === 0) return;
  if (validation === 'Warn') return void warnings.push(...told);
  const list = told.join('\n  ');
  throw badRequest(`error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n  ${list}`);
}
