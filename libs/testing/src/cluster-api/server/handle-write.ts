import type { Json, JsonObject, KubeObject } from '../json.js';
import { isObject, textOf } from '../json.js';
import { applyJsonPatch } from '../patches/json-patch.js';
import { applyMergePatch } from '../patches/merge-patch.js';
import { applyStrategicMerge } from '../patches/strategic-merge.js';
import type { ResourceType } from '../registry/resource-type.js';
import { apiVersionOf } from '../registry/resource-type.js';
import type { Decoding } from '../resources/decode-object.js';
import { checkDecoded, decodeObject } from '../resources/decode-object.js';
import type { ObjectPlace, ObjectWriter } from '../resources/object-writer.js';
import { placedObject } from '../resources/placed-object.js';
import { badRequest, invalidValue, notFound, StatusError, unsupportedMedia } from '../status-error.js';
import type { ApiRequest } from './api-request.js';
import { checkDuplicates, contentType, decodeJson, decodeText, decodeYaml, readBody } from './read-body.js';
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
  const object = placedObject(decodeObject(body, type, readDecoding(api)), place);
  return { object: writer.create(type, object, options), created: true };
}

/** Kinds that a PUT may create. */
const CREATED_BY_PUT =
  /^(Lease|Service|Endpoints|Event|LimitRange|Role|RoleBinding|ClusterRole|ClusterRoleBinding|RuntimeClass)$/;
/** Kinds that a PUT must name the version of. */
const VERSION_REQUIRED = /^(Lease|CustomResourceDefinition|APIService|EndpointSlice|PodDisruptionBudget|Ingress)$/;

/** PUT: the whole object, under the version it names if it names one. */
export async function replaceObject(api: ApiRequest, place: ObjectPlace, writer: ObjectWriter): Promise<Written> {
  const { type } = place;
  const options = readWriteOptions(api, 'UpdateOptions');
  const body = decodeText(await readBody(api.request), contentType(api.request));
  const object = placedObject(decodeObject(body, type, readDecoding(api)), place);
  if (!writer.find(place)) {
    if (type.custom || !CREATED_BY_PUT.test(type.kind)) throw notFound(type, place.name);
    return { object: writer.create(type, object, options), created: true };
  }
  const needsVersion = type.custom !== undefined || VERSION_REQUIRED.test(type.kind);
  return { object: writer.update(place, () => object, { ...options, needsVersion }), created: false };
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
    throw place.type.custom
      ? unsupportedMedia(
          `the body of the request was in an unknown format - accepted media types include: ${kinds.join(', ')}`,
        )
      : new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
  }
  checkApplyOptions(api.query, media === APPLY);
  const options = readWriteOptions(api, 'PatchOptions');
  const text = await readBody(api.request);
  if (media === APPLY) {
    const config = checkConfig(decodeYaml(text), place);
    checkDuplicates(text, readDecoding(api));
    return writer.apply(place, config, { ...options, force: isTrue(api.query.get('force')) });
  }
  const patch = decodeJson(text);
  const change = (live: KubeObject): KubeObject => {
    const patched = applyPatch(live, patch, { media, type: place.type });
    checkPatched(patched, place.type, readDecoding(api));
    return placedObject(patched, place);
  };
  return { object: writer.update(place, change, options), created: false };
}

/** Under Strict, an unknown field makes the whole result invalid. */
function checkPatched(patched: KubeObject, type: ResourceType, decoding: Decoding): void {
  try {
    checkDecoded(patched, type, decoding);
  } catch (error) {
    const why = error instanceof StatusError ? /strict decoding error: .*/.exec(error.message)?.[0] : undefined;
    if (why === undefined) throw error;
    const cause = invalidValue('patch', JSON.stringify(patched), why);
    throw new StatusError(422, 'Invalid', ` "" is invalid: patch: ${cause.message}`, { causes: [cause] });
  }
}

function applyPatch(live: KubeObject, patch: Json, { media, type }: { media: string; type: ResourceType }): KubeObject {
  if (media === JSON_PATCH) return applyJsonPatch(live, patch) as KubeObject;
  if (!isObject(patch)) throw badRequest('error decoding patch: the patch is no object');
  if (media === MERGE_PATCH) return applyMergePatch(live, patch) as KubeObject;
  return applyStrategicMerge(live, patch, type.schema) as KubeObject;
}

/** An applied configuration must say what it is. */
function checkConfig(body: Json, { type }: ObjectPlace): JsonObject {
  if (!isObject(body)) throw badRequest('error decoding YAML: the configuration is no object');
  const metadata = isObject(body.metadata) ? body.metadata : {};
  const apiVersion = apiVersionOf(type);
  if (body.apiVersion !== apiVersion || body.kind !== type.kind) {
    throw badRequest(`invalid object type: ${textOf(body.apiVersion) || '/'}, Kind=${textOf(body.kind)}`);
  }
  if (metadata.managedFields !== undefined && metadata.managedFields !== null)
    throw badRequest('metadata.managedFields must be nil');
  return { ...body, metadata };
}
