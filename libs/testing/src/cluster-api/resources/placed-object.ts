import type { KubeObject } from '../json.js';
import { badRequest } from '../status-error.js';
import type { ObjectPlace } from './object-writer.js';

/** The object where the URL puts it. @throws 400 when it names another place, or none. */
export function placedObject(object: KubeObject, { type, namespace, name }: ObjectPlace): KubeObject {
  const { namespace: own, ...metadata } = object.metadata;
  if (name !== '' && !metadata.name) {
    throw badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
  }
  if (name !== '' && metadata.name !== name) {
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  }
  if (!type.namespaced) return { ...object, metadata: metadata };
  if (own && own !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...object, metadata: { ...metadata, namespace } };
}
