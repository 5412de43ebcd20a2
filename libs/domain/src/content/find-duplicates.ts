import type { Json, JsonObject } from '../json/index.js';
import { groupOf, isJsonObject } from '../json/index.js';
import type { FieldPath, ObjectError } from './check-object.js';
import { textOf } from './check-object.js';

/** Lists of the built-in kinds whose entries are told apart by these fields; a field that is left out has this default. */
const KEYED_LISTS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  containers: { name: '' },
  initContainers: { name: '' },
  env: { name: '' },
  volumes: { name: '' },
  volumeMounts: { mountPath: '' },
  volumeDevices: { devicePath: '' },
  imagePullSecrets: { name: '' },
  hostAliases: { ip: '' },
  topologySpreadConstraints: { topologyKey: '', whenUnsatisfiable: '' },
};
const CONTAINER_PORTS = { containerPort: '', protocol: 'TCP' };
const SERVICE_PORTS = { port: '', protocol: 'TCP' };
const GROUPS = new Set(['', 'apps', 'batch']);

/**
 * List entries that share their key. The API server refuses them only when the object is applied, and by another manager's
 * order keeps one or the other (design: agent, canonical form).
 */
export function findDuplicates(object: JsonObject): ObjectError[] {
  if (typeof object['apiVersion'] !== 'string' || !GROUPS.has(groupOf(object['apiVersion']))) return [];
  const errors: ObjectError[] = [];
  walk(object['spec'] ?? null, ['spec'], errors);
  return errors;
}

function walk(value: Json, path: FieldPath, errors: ObjectError[]): void {
  if (Array.isArray(value)) {
    checkList(value, path, errors);
    value.forEach((item: Json, index) => walk(item, [...path, index], errors));
  } else if (isJsonObject(value)) {
    for (const [key, member] of Object.entries(value)) walk(member ?? null, [...path, key], errors);
  }
}

function checkList(list: readonly Json[], path: FieldPath, errors: ObjectError[]): void {
  const keys = keysOf(path);
  if (!keys) return;
  const seen = new Set<string>();
  list.forEach((item, index) => {
    if (!isJsonObject(item)) return;
    const key = Object.entries(keys).map(([field, fallback]) => `${field} ${textOf(item[field] ?? fallback)}`);
    if (seen.has(key.join())) errors.push(duplicate([...path, index], key));
    seen.add(key.join());
  });
}

function keysOf(path: FieldPath): Readonly<Record<string, string>> | undefined {
  const name = path.at(-1);
  if (name === 'ports') return typeof path.at(-2) === 'number' ? CONTAINER_PORTS : SERVICE_PORTS;
  return typeof name === 'string' && Object.hasOwn(KEYED_LISTS, name) ? KEYED_LISTS[name] : undefined;
}

function duplicate(path: FieldPath, key: readonly string[]): ObjectError {
  return { path, message: `an entry with ${key.join(' and ')} is there already`, hint: 'Keep one of them.' };
}
