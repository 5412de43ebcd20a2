import type { JsonObject, KubeObject } from '../json.js';
import { objectAt, objectsAt } from '../json.js';

/** Whether a Pod of that specification may run on the node: cordons, `nodeSelector` and taints count, resources do not. */
export function fitsNode(spec: JsonObject, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  const selected = Object.entries(objectAt(spec, 'nodeSelector')).every(([key, value]) => labels[key] === value);
  return (
    selected &&
    objectsAt(node, 'spec', 'taints').every((taint) => taint.effect === 'PreferNoSchedule' || isTolerated(taint, spec))
  );
}

function isTolerated(taint: JsonObject, spec: JsonObject): boolean {
  return objectsAt(spec, 'tolerations').some((toleration) => {
    const key = !toleration.key || toleration.key === taint.key;
    const effect = !toleration.effect || toleration.effect === taint.effect;
    return key && effect && (toleration.operator === 'Exists' || (toleration.value ?? '') === (taint.value ?? ''));
  });
}
