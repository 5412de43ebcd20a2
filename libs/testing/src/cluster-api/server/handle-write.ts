import type { Json, JsonObject, KubeObject } from '../json.js';
import { isObject } from '../json.js';
import { applyJsonPatch } from '../patches/json-patch.js';
import { applyMergePatch } from '../patches/merge-patch.js';
import { applyStrategicMerge } from '../patches/strategic-merge.js';
import type { ResourceType } from '../registry/resource-type.js';
import { apiVersionOf } from '../registry/resource-type.js';
import { checkDecoded, decodeObject } from '../resources/decode-object.js';
import type { ObjectPlace, ObjectWriter } from '../resources/object-writer.js';
import { badRequest, notFound, unsupportedMedia } from '../status-error.js';
import type { ApiRequest } from './api-request.js';
import { contentType, decodeJson, decodeText, decodeYaml, readBody } from './read-body.js';
import { isTrue } from './route.js';
import { checkApplyOptions, readDecoding, readWriteOptions } from './write-options.js';

export interface Written {
  readonly object: KubeObject;
  readonly created: boolean;
}

/** POST: a new object. */
export async function createObject(api: ApiRequest, place: ObjectPlace, writer: ObjectWriter): Promise<Written> {
  const { type } = place;
  const options = readWriteOptions(api, 'CreateOptions');
  const body = decodeText(await readBody(api.request), contentType(api.request));
  const object = placed(decodeObject(body, type, readDecoding(api)), place);
  return { object: writer.create(type, object, options), created: true };
}

/** Kinds that a PUT may create. */
const CREATED_BY_PUT = /^(Lease|Service|Endpoints|Event|LimitRange|Role|RoleBinding|ClusterRole|ClusterRoleBinding|RuntimeClass)$/;
/** Kinds that a PUT must name the version of. */
const VERSION_REQUIRED = /^(Lease|CustomResourceDefinition|APIService|EndpointSlice|PodDisruptionBudget|Ingress)$/;

/** PUT: the whole object, under the version it names if it names one. */
export async function replaceObject(api: ApiRequest, place: ObjectPlace, writer: ObjectWriter): Promise<Written> {
  const { type } = place;
  const options = readWriteOptions(api, 'UpdateOptions');
  const body = decodeText(await readBody(api.request), contentType(api.request));
  const object = placed(decodeObject(body, type, readDecoding(api)), place);
  if (!writer.find(place)) {
    if (type.custom || !CREATED_BY_PUT.test(type.kind)) throw notFound(type, place.name);
    return { object: writer.create(type, object, options), created: true };
  }
  const needsVersion = type.custom !== undefined || VERSION_REQUIRED.test(type.kind);
  return { object: writer.update(place, () => object, { ...options, needsVersion }), created: false };
}

/** The object where the URL puts it. @throws 400 when it names another place. */
function placed(object: KubeObject, { type, namespace, name }: ObjectPlace): KubeObject {
  const { metadata } = object;
  if (name !== '' && !metadata.name) {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (name !== '' && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (type.namespaced && metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const { namespace: _, ...rest } = metadata;
  return { ...object, metadata: { ...rest, ...(type.namespaced ? { namespace } : {}) } as KubeObject['metadata'] };
}

const JSON_PATCH = 'application/json-patch+json';
const MERGE_PATCH = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** PATCH in its four kinds; strategic merge is for built-in kinds only. */
export async function patchObject(api: ApiRequest, place: ObjectPlace, writer: ObjectWriter): Promise<Written> {
  const media = contentType(api.request);
  const kinds = [JSON_PATCH, MERGE_PATCH, ...(place.type.custom ? [] : [STRATEGIC]), APPLY];
  if (!kinds.includes(media)) {
    throw unsupportedMedia(`the body of the request was in an unknown format - accepted media types include: ${kinds.join(', ')}`);
  }
  checkApplyOptions(api.query, media === APPLY);
  const options = readWriteOptions(api, 'PatchOptions');
  const text = await readBody(api.request);
  if (media === APPLY) {
    const config = checkConfig(decodeYaml(text), place);
    return writer.apply(place, config, { ...options, force: isTrue(api.query.get('force')) });
  }
  const patch = decodeJson(text);
  const change = (live: KubeObject): KubeObject => {
    const patched = applyPatch(live, patch, { media, type: place.type });
    checkDecoded(patched, place.type, readDecoding(api));
    return placed(patched, place);
  };
  return { object: writer.update(place, change, options), created: false };
}

function applyPatch(live: KubeObject, patch: Json, { media, type }: { media: string; type: ResourceType }): KubeObject {
  if (media === JSON_PATCH) return applyJsonPatch(live, patch) as KubeObject;
  if (!isObject(patch)) throw badRequest('error decoding patch: the patch is no object');
  if (media === MERGE_PATCH) return applyMergePatch(live, patch) as KubeObject;
  return applyStrategicMerge(live, patch, type.schema) as KubeObject;
}

/** An applied configuration must say what it is and agree with the URL. */
function checkConfig(body: Json, { type, namespace, name }: ObjectPlace): JsonObject {
  if (!isObject(body)) throw badRequest('error decoding YAML: the configuration is no object');
  const metadata = isObject(body.metadata) ? body.metadata : {};
  const apiVersion = apiVersionOf(type);
  if (typeof body.kind !== 'string' || typeof body.apiVersion !== 'string') throw badRequest('invalid object type: /, Kind=');
  if (body.apiVersion !== apiVersion || body.kind !== type.kind) {
    throw badRequest(`the API version in the data (${body.apiVersion}) does not match the expected API version (${apiVersion})`);
  }
  if (metadata.managedFields !== undefined && metadata.managedFields !== null) throw badRequest('metadata.managedFields must be nil');
  return { ...body, metadata: placed({ ...body, metadata } as KubeObject, { type, namespace, name, subresource: '' }).metadata };
}
