import { createHash } from 'node:crypto';
import type { JsonObject, KubeObject } from '../json.js';
import { isObject, objectAt, objectsAt, stringAt } from '../json.js';
import { controllerRef } from './control.js';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const HASH_LENGTH = 10;

/** A short name for a Pod template: the same template gives the same name, whatever the order of its fields. */
export function hashTemplate(template: JsonObject): string {
  const digest = createHash('sha256')
    .update(JSON.stringify(sorted(template)))
    .digest();
  return [...digest.subarray(0, HASH_LENGTH)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}

/** A Pod as its controller makes it from the template of its specification. */
export function podFrom(
  owner: KubeObject,
  more: { name?: string; labels?: JsonObject; spec?: JsonObject },
): JsonObject {
  const template = objectAt(owner, 'spec', 'template');
  const { labels, annotations, finalizers } = objectAt(template, 'metadata');
  const name = more.name === undefined ? { generateName: `${owner.metadata.name}-` } : { name: more.name };
  return {
    metadata: {
      ...name,
      namespace: owner.metadata.namespace,
      labels: { ...(isObject(labels) ? labels : {}), ...more.labels },
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerRef(owner)],
    },
    spec: { ...objectAt(template, 'spec'), ...more.spec },
  };
}

export function isReady(pod: KubeObject): boolean {
  return readyCondition(pod)?.status === 'True';
}

function readyCondition(pod: KubeObject): JsonObject | undefined {
  return objectsAt(pod, 'status', 'conditions').find((condition) => condition.type === 'Ready');
}

export function isTerminating(pod: KubeObject): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

export function isFinished(pod: KubeObject): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  return phase === 'Succeeded' || phase === 'Failed';
}

/** Ready for that long. */
export function isAvailable(pod: KubeObject, minReadySeconds: number, now = Date.now()): boolean {
  if (!isReady(pod)) return false;
  return minReadySeconds === 0 || now - readySince(pod) >= minReadySeconds * 1000;
}

/** Milliseconds until the next ready Pod counts as available; undefined when none is on its way. */
export function untilAvailable(
  pods: readonly KubeObject[],
  minReadySeconds: number,
  now = Date.now(),
): number | undefined {
  if (minReadySeconds === 0) return undefined;
  const waiting = pods.filter((pod) => isReady(pod) && !isAvailable(pod, minReadySeconds, now));
  if (waiting.length === 0) return undefined;
  return Math.max(1, Math.min(...waiting.map((pod) => readySince(pod) + minReadySeconds * 1000 - now)));
}

function readySince(pod: KubeObject): number {
  return Date.parse(stringAt(readyCondition(pod), 'lastTransitionTime'));
}
