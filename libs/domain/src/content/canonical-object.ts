import type { Json, JsonObject, KubeObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';
import { textOf } from './check-object.js';

/** Set by the API server; never part of what is wanted. */
const SERVER_FIELDS = new Set([
  'managedFields',
  'resourceVersion',
  'uid',
  'generation',
  'creationTimestamp',
  'selfLink',
]);

/**
 * An object as it is stored, named and sent: without what only the API server sets, and with `stringData` folded into
 * `data`, because a key removed from `stringData` would otherwise stay in the cluster (design: agent, canonical form).
 */
export function canonicalObject(object: KubeObject): KubeObject {
  const { status: _status, ...wanted } = object;
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([key]) => !SERVER_FIELDS.has(key)));
  const canonical = { ...wanted, metadata } as KubeObject;
  return isSecret(object) ? foldStringData(canonical) : canonical;
}

export function isSecret(object: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return object.apiVersion === 'v1' && object.kind === 'Secret';
}

function foldStringData(secret: KubeObject): KubeObject {
  const { stringData, ...rest } = secret;
  if (!isJsonObject(stringData)) return rest;
  const data = isJsonObject(secret['data']) ? secret['data'] : {};
  return { ...rest, data: { ...data, ...encodeAll(stringData) } };
}

function encodeAll(texts: JsonObject): Record<string, Json> {
  return Object.fromEntries(Object.entries(texts).map(([key, value]) => [key, toBase64(textOf(value))]));
}

function toBase64(text: string): string {
  return btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));
}
