import type { Json, JsonObject, KubeObject } from '../json/index.js';
import { memberObject } from './members.js';

/** Some projects (Argo Rollouts, Istio) write whole numbers as text. */
const WHOLE_NUMBER = /^-?[0-9]{1,15}$/;

/** The generation that a status or condition is about; undefined when it says none, `odd` when that is no whole number. */
export function observedGeneration(status: JsonObject): number | 'odd' | undefined {
  const value: Json | undefined = status['observedGeneration'];
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string' && WHOLE_NUMBER.test(value)) return Number(value);
  return typeof value === 'number' && Number.isInteger(value) ? value : 'odd';
}

/** The controller has not seen the newest spec yet. */
export function isStale(object: KubeObject): boolean {
  return isAbout(object, memberObject(object, 'status')) === false;
}

/** The controller has never looked, though this kind always states what it observed. */
export function isUnseen(object: KubeObject): boolean {
  return (
    observedGeneration(memberObject(object, 'status')) === undefined &&
    typeof object.metadata['generation'] === 'number'
  );
}

/** Whether a status or condition is about the newest spec; undefined when it does not say. */
export function isAbout(object: KubeObject, status: JsonObject): boolean | undefined {
  const observed = observedGeneration(status);
  const { generation } = object.metadata as { readonly generation?: Json };
  return observed === undefined || typeof generation !== 'number' ? undefined : observed === generation;
}
