import type { KubeObject } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import type { StatusCause } from '../status-error.js';
import { invalid } from '../status-error.js';
import { validateCustom } from '../custom/validate-custom.js';
import { validateMetadata } from './validate-metadata.js';
import { validateKind, validateKindUpdate } from './validate-kind.js';

/** @throws 422 with everything that is wrong about the object. */
export function validateObject(object: KubeObject, type: ResourceType): void {
  refuse(object, type, [
    ...validateMetadata(object, type),
    ...(type.custom ? validateCustom(object, type) : validateKind(object, type)),
  ]);
}

/** @throws 422 when the update changes what cannot be changed. */
export function validateUpdate(
  live: KubeObject,
  next: KubeObject,
  place: { type: ResourceType; subresource: string },
): void {
  const { type } = place;
  refuse(next, type, [...newFinalizers(live, next), ...(type.custom ? [] : validateKindUpdate(live, next, type))]);
}

function newFinalizers(live: KubeObject, next: KubeObject): StatusCause[] {
  if (live.metadata.deletionTimestamp === undefined) return [];
  const old = live.metadata.finalizers ?? [];
  const added = (next.metadata.finalizers ?? []).filter((name) => !old.includes(name));
  if (added.length === 0) return [];
  const list = added.map((name) => JSON.stringify(name)).join(', ');
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return [{ reason: 'FieldValueForbidden', message, field: 'metadata.finalizers' }];
}

function refuse(object: KubeObject, type: ResourceType, causes: StatusCause[]): void {
  if (causes.length > 0) throw invalid(type, object.metadata.name, causes);
}
