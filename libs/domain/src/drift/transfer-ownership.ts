import type { Json, JsonObject, KubeObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';
import { memberObject, memberText } from '../health/members.js';
import { mergeFields } from './managed-fields.js';

/**
 * A JSON patch that moves what the given managers hold to ours, guarded by the resource version. Without it the first change
 * of such a field is a conflict, and fields that are no longer wanted stay for ever. Undefined when they hold nothing.
 */
export function transferOwnership(live: KubeObject, from: readonly string[], ours: string): Json | undefined {
  const entries = live.metadata['managedFields'];
  if (!Array.isArray(entries)) return undefined;
  const all = (entries as readonly Json[])
    .filter(isJsonObject)
    .filter((entry) => memberText(entry, 'subresource') === '');
  const moving = all.filter((entry) => from.includes(memberText(entry, 'manager')));
  if (moving.length === 0) return undefined;
  const own = all.find((entry) => memberText(entry, 'manager') === ours && entry['operation'] === 'Apply');
  const replaced = own === undefined ? moving : [own, ...moving];
  const kept = (entries as readonly Json[]).filter((entry) => !replaced.includes(entry as JsonObject));
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: live.metadata['resourceVersion'] ?? '' },
    { op: 'replace', path: '/metadata/managedFields', value: [merge(replaced, ours), ...kept] },
  ];
}

/** One entry of ours that holds everything the others held. */
function merge(entries: readonly JsonObject[], ours: string): JsonObject {
  const { apiVersion = '', time = null } = entries[0] ?? {};
  const fields = entries.map((entry) => memberObject(entry, 'fieldsV1'));
  const fieldsV1 = fields.reduce((sum, part) => mergeFields(sum, part), {});
  return { manager: ours, operation: 'Apply', apiVersion, time, fieldsType: 'FieldsV1', fieldsV1 };
}
