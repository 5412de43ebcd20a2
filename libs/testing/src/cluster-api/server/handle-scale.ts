import type { Json, JsonObject, KubeObject } from '../json.js';
import { isObject, numberAt, objectAt } from '../json.js';
import { applyJsonPatch } from '../patches/json-patch.js';
import { applyMergePatch } from '../patches/merge-patch.js';
import type { ResourceType } from '../registry/resource-type.js';
import { printSelector } from '../resources/label-selector.js';
import type { ObjectPlace, ObjectWriter } from '../resources/object-writer.js';
import { replicasIn, withReplicas } from '../resources/scale.js';
import { badRequest } from '../status-error.js';
import { readPath } from '../tables/custom-columns.js';
import type { ApiRequest } from './api-request.js';
import { contentType, decodeText, readBody } from './read-body.js';
import { readWriteOptions } from './write-options.js';

/** The `scale` subresource: how many replicas are wanted, whatever the kind calls them. */
export async function handleScale(api: ApiRequest, place: ObjectPlace, writer: ObjectWriter): Promise<void> {
  if (api.call.verb === 'get') return api.json(200, scaleOf(writer.get(place), place.type));
  const options = readWriteOptions(api, api.call.verb === 'patch' ? 'PatchOptions' : 'UpdateOptions');
  const text = await readBody(api.request);
  const change = (live: KubeObject): KubeObject => {
    const scale = wantedScale(scaleOf(live, place.type), text, contentType(api.request));
    const metadata = { ...live.metadata, ...versionOf(objectAt(scale, 'metadata')) };
    return withReplicas({ ...live, metadata }, numberAt(scale, 'spec', 'replicas'), place.type);
  };
  api.json(200, scaleOf(writer.update(place, change, options), place.type));
}

function versionOf({ resourceVersion }: JsonObject): { resourceVersion?: string } {
  return typeof resourceVersion === 'string' ? { resourceVersion } : {};
}

function wantedScale(current: JsonObject, text: string, media: string): Json {
  if (media === 'application/json-patch+json') return applyJsonPatch(current, JSON.parse(text) as Json);
  if (media.endsWith('merge-patch+json')) return applyMergePatch(current, JSON.parse(text) as Json);
  const scale = decodeText(text, media);
  if (!isObject(scale) || scale.kind !== 'Scale')
    throw badRequest('the object provided is unrecognized (must be of type Scale)');
  return scale;
}

function scaleOf(object: KubeObject, type: ResourceType): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const scale = type.custom?.scale;
  const replicas = replicasIn(object, type);
  const labels = objectAt(object, 'spec', 'selector');
  const selector = scale ? readPath(object, scale.labelSelectorPath ?? '.none') : printSelector(labels);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: {
      replicas: Number(readPath(object, scale?.statusReplicasPath ?? '.status.replicas') ?? 0),
      ...(selector ? { selector } : {}),
    },
  };
}
