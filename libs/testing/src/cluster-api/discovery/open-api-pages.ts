import { createHash } from 'node:crypto';
import type { JsonObject } from '../json.js';
import type { Registry } from '../registry/registry.js';
import type { ResourceType } from '../registry/resource-type.js';
import { groupVersionPath, recordedDocument } from '../schema/recorded-schemas.js';
import { NoSuchPath } from '../status-error.js';

const hashes = new Map<string, string>();

/** `/openapi/v3`: one document per group version, under a hash that changes with it. */
export function openApiIndex(registry: Registry): JsonObject {
  const paths: JsonObject = {};
  for (const [path, types] of documents(registry)) {
    paths[path] = { serverRelativeURL: `/openapi/v3/${path}?hash=${hashOf(path, types)}` };
  }
  return { paths };
}

function documents(registry: Registry): Map<string, ResourceType[]> {
  const found = new Map<string, ResourceType[]>();
  for (const type of registry.all()) {
    const path = groupVersionPath(type.group, type.version);
    found.set(path, [...(found.get(path) ?? []), type]);
  }
  return found;
}

function hashOf(path: string, types: readonly ResourceType[]): string {
  if (types.some((type) => type.custom)) return digest(JSON.stringify(customDocument(types)));
  let hash = hashes.get(path);
  if (!hash) hashes.set(path, (hash = digest(recordedDocument(path))));
  return hash;
}

function digest(content: string | Buffer): string {
  return createHash('sha512').update(content).digest('hex').toUpperCase();
}

/** One document: as recorded (gzipped), or made from the schemas of custom resources. @throws 404 */
export function openApiDocument(registry: Registry, path: string): Buffer | JsonObject {
  const types = documents(registry).get(path);
  if (!types) throw new NoSuchPath();
  return types.some((type) => type.custom) ? customDocument(types) : recordedDocument(path);
}

/** Schemas, and as many paths as clients need: kubectl looks there for the query parameters of a PATCH. */
function customDocument(types: readonly ResourceType[]): JsonObject {
  const [schemas, paths]: [JsonObject, JsonObject] = [{}, {}];
  for (const type of types) {
    const { group, version, kind, plural, namespaced } = type;
    const gvk = { group, version, kind };
    const name = [...group.split('.').reverse(), version, kind].join('.');
    schemas[name] = { ...type.custom?.openApi, 'x-kubernetes-group-version-kind': [gvk] };
    paths[`/apis/${group}/${version}/${namespaced ? 'namespaces/{namespace}/' : ''}${plural}/{name}`] = {
      get: operation('get', name, gvk),
      patch: { ...operation('patch', name, gvk), parameters: WRITE_PARAMETERS },
    };
  }
  const info = { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' };
  return { openapi: '3.0.0', info, paths, components: { schemas } };
}

const WRITE_PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
  name,
  in: 'query',
  schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
}));

function operation(action: string, schema: string, gvk: JsonObject): JsonObject {
  const content = { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } };
  return {
    responses: { '200': { description: 'OK', content } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': gvk,
  };
}
