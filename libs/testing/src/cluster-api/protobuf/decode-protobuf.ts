import type { Json, JsonObject } from '../json.js';
import { badRequest } from '../status-error.js';
import type { FieldType } from './message-types.js';
import { messageOf, messageType } from './message-types.js';
import { decodeSpecial } from './special-types.js';
import type { WireField } from './wire-reader.js';
import { readFields } from './wire-reader.js';

const MAGIC = Buffer.from('k8s\0', 'latin1');

/**
 * An object as typed clients send it: four bytes, then an envelope of its kind and its message. What the API server would
 * print as JSON of the same object. @throws 400 when it is none.
 */
export function decodeProtobuf(body: Buffer): JsonObject {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw badRequest('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  try {
    return decodeEnvelope(body.subarray(MAGIC.length));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw badRequest(`couldn't decode the protobuf message: ${error.message}`);
  }
}

function decodeEnvelope(envelope: Buffer): JsonObject {
  const fields = new Map([...readFields(envelope)].map((field) => [field.number, field.bytes]));
  const kinds = [...readFields(fields.get(1) ?? Buffer.alloc(0))].map(({ number, bytes }) => [
    number,
    bytes.toString(),
  ]);
  const { 1: apiVersion = '', 2: kind = '' } = Object.fromEntries(kinds) as Record<number, string>;
  const type = messageOf(apiVersion, kind);
  if (type === undefined) throw badRequest(`no kind "${kind}" is registered for version "${apiVersion}"`);
  return { apiVersion, kind, ...decodeMessage(type, fields.get(2) ?? Buffer.alloc(0)) };
}

function decodeMessage(type: string, message: Buffer): JsonObject {
  const fields = messageType(type);
  const object: Record<string, Json> = {};
  for (const wire of readFields(message)) {
    const field = fields.get(wire.number);
    if (field !== undefined) addField(object, field, wire);
  }
  return object;
}

function addField(object: Record<string, Json>, field: FieldType, wire: WireField): void {
  const { name, type, shape } = field;
  if (shape === 'map') {
    const [key, value] = decodeEntry(type, wire.bytes);
    object[name] = { ...((object[name] ?? {}) as JsonObject), [key]: value };
    return;
  }
  const value = decodeValue(type, wire);
  if (shape === 'list') object[name] = [...((object[name] ?? []) as Json[]), value ?? null];
  else if (field.isInline) Object.assign(object, value);
  else if (value !== undefined && (field.keepsEmpty || !isEmpty(value))) object[name] = value;
}

function decodeEntry(type: string, entry: Buffer): [string, Json] {
  let key = '';
  let value: Json | undefined;
  for (const wire of readFields(entry)) {
    if (wire.number === 1) key = wire.bytes.toString();
    else value = decodeValue(type, wire);
  }
  return [key, value ?? (type === 'string' || type === 'bytes' ? '' : {})];
}

/** Undefined for what JSON does not print at all (a time that is not set). */
function decodeValue(type: string, wire: WireField): Json | undefined {
  switch (type) {
    case 'string':
      return wire.bytes.toString();
    case 'bytes':
      return wire.bytes.toString('base64');
    case 'bool':
      return wire.whole !== 0n;
    case 'double':
      return wire.bytes.readDoubleLE();
    case 'int32':
    case 'int64':
    case 'uint32':
      return Number(wire.whole);
    default: {
      const special = decodeSpecial(type, wire.bytes);
      return special === undefined ? decodeMessage(type, wire.bytes) : special.value;
    }
  }
}

/** What `omitempty` leaves out. */
function isEmpty(value: Json): boolean {
  return value === '' || value === 0 || value === false;
}
