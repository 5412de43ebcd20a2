import type { Json, JsonObject, KubeObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';
import { mergeFields } from './managed-fields.js';

/**
 * A JSON patch that moves what the given managers hold to ours, guarded by the resource version. Without it the first change
 * of such a field is a conflict, and fields that are no longer wanted stay for ever. Undefined when they hold nothing.
 */
export function transferOwnership(live: KubeObject, from: readonly string[], ours: string): Json | undefined {
  const entries = live.metadata['managedFields'];
  if (!Array.isArray(entries)) return undefined;
  const all = (entries as readonly Json[]).filter(isJsonObject);
  const moving = all.filter((entry) => from.includes(String(entry['manager'])) && (entry['subresource'] ?? '') === '');
  if (moving.length === 0) return undefined;
  const isOurs = (entry: JsonObject): boolean =>
    entry['manager'] === ours && entry['operation'] === 'Apply' && (entry['subresource'] ?? '') === '';
  const own = all.find(isOurs);
  const merged = [...(own === undefined ? [] : [own]), ...moving]
    .map((entry) => entry['fieldsV1'])
    .filter(isJsonObject);
  const entry = {
    manager: ours,
    operation: 'Apply',
    apiVersion: (own ?? moving[0])?.['apiVersion'] ?? live.apiVersion,
    time: (own ?? moving[0])?.['time'] ?? null,
    fieldsType: 'FieldsV1',
    fieldsV1: merged.reduce((sum, fields) => mergeFields(sum, fields), {}),
  };
  const kept = all.filter((candidate) => !moving.includes(candidate) && !isOurs(candidate));
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: live.metadata['resourceVersion'] ?? '' },
    { op: 'replace', path: '/metadata/managedFields', value: [entry, ...kept] },
  ];
}
