import type { Json, JsonObject } from '../json.js';
import { isObject } from '../json.js';

/** RFC 7386: objects merge, null removes, everything else replaces. Changes neither argument. */
export function applyMergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result: JsonObject = isObject(target) ? { ...target } : {};
  for (const key in patch) {
    const value = patch[key];
    if (value === null || value === undefined) delete result[key];
    else result[key] = applyMergePatch(result[key], value);
  }
  return result;
}
