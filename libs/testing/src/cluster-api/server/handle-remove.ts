import type { JsonObject, KubeObject } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { listObjects, parseSelection } from '../resources/list-objects.js';
import type { ObjectRemover } from '../resources/object-remover.js';
import type { ObjectPlace } from '../resources/object-writer.js';
import type { Store } from '../store.js';
import type { ApiRequest } from './api-request.js';
import { decodeText, readBody, contentType } from './read-body.js';
import type { Rendering } from './render-object.js';
import { readRemoveOptions } from './write-options.js';

/** Kinds whose deletion answers with the object even when it is gone at once. */
const RETURNED = /^(Pod|Service|ServiceAccount|PersistentVolume|PersistentVolumeClaim|PodTemplate|ResourceQuota)$/;

export async function removeObject(
  api: ApiRequest,
  place: ObjectPlace,
  parts: { remover: ObjectRemover; rendering: Rendering },
): Promise<void> {
  const { object, gone } = parts.remover.remove(place, readRemoveOptions(api, await readOptions(api)));
  const asStatus = gone && (place.type.custom !== undefined || !RETURNED.test(place.type.kind));
  api.json(200, asStatus ? success(object, place.type) : parts.rendering.one(object));
}

async function readOptions(api: ApiRequest): Promise<unknown> {
  const text = await readBody(api.request);
  return text === '' ? undefined : decodeText(text, contentType(api.request));
}

function success({ metadata }: KubeObject, { group, plural }: ResourceType): JsonObject {
  const details = { name: metadata.name, ...(group ? { group } : {}), kind: plural, uid: metadata.uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/** Deletes everything that the selectors of the query match, and answers with what it was. */
export async function removeCollection(
  api: ApiRequest,
  place: ObjectPlace,
  parts: { remover: ObjectRemover; rendering: Rendering; store: Store },
): Promise<void> {
  const options = readRemoveOptions(api, await readOptions(api));
  const { objects, metadata } = listObjects(parts.store, parseSelection(place, api.query), new URLSearchParams());
  const removed = objects.map(({ metadata: { name, namespace = '' } }) =>
    parts.remover.remove({ type: place.type, name, namespace }, options),
  );
  api.json(
    200,
    parts.rendering.list(
      removed.map(({ object }) => object),
      metadata,
    ),
  );
}
