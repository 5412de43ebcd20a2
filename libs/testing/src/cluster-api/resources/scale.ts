import type { Json, KubeObject } from '../json.js';
import { applyMergePatch } from '../patches/merge-patch.js';
import type { ResourceType } from '../registry/resource-type.js';
import { readPath } from '../tables/custom-columns.js';

const REPLICAS = '.spec.replicas';

/** How many replicas the object asks for, wherever its kind says so. */
export function replicasIn(object: KubeObject, { custom }: ResourceType): number {
  return Number(readPath(object, custom?.scale?.specReplicasPath ?? REPLICAS) ?? 0);
}

/** @param replicas null takes the field away. */
export function withReplicas(object: KubeObject, replicas: number | null, { custom }: ResourceType): KubeObject {
  const path = (custom?.scale?.specReplicasPath ?? REPLICAS).split('.').slice(1);
  const patch = path.reduceRight<Json>((value, key) => ({ [key]: value }), replicas);
  return applyMergePatch(object, patch) as KubeObject;
}
