import type { Json, KubeObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';

/** An object with this annotation set to `disabled` keeps its texts as they are. */
export const SUBSTITUTE_ANNOTATION = 'flotilla.dev/substitute';

const REFERENCE = /(\$?)\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

/**
 * Replaces `${NAME}` in the texts of an object, only for the names that are declared: variables of shells and web servers
 * stay. `$${NAME}` stands for a declared name that is meant literally. The result is text; to set numbers, patch.
 */
export function substituteTexts(object: KubeObject, values: Readonly<Record<string, string>>): KubeObject {
  if (Object.keys(values).length === 0) return object;
  if (object.metadata.annotations?.[SUBSTITUTE_ANNOTATION] === 'disabled') return object;
  return replaceIn(object, values) as KubeObject;
}

function replaceIn(value: Json, values: Readonly<Record<string, string>>): Json {
  if (typeof value === 'string') return value.includes('${') ? replaceText(value, values) : value;
  if (Array.isArray(value)) return value.map((item: Json) => replaceIn(item, values));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, replaceIn(member ?? null, values)]));
}

function replaceText(text: string, values: Readonly<Record<string, string>>): string {
  return text.replaceAll(REFERENCE, (whole, escape: string, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return whole;
    return escape === '' ? value : whole.slice(1);
  });
}
