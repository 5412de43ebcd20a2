import type { JsonObject, KubeObject } from '../json.js';
import { objectAt, objectsAt, stringAt } from '../json.js';

const TOLERATED = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];
const GRACE_SECONDS = 300;

/** What ServiceAccount, priority and default tolerations add to a new Pod, and the status it begins with. */
export function admitPod(object: KubeObject): KubeObject {
  const spec = objectAt(object, 'spec');
  const account = stringAt(spec, 'serviceAccountName') || 'default';
  return {
    ...object,
    spec: {
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
      ...spec,
      serviceAccountName: account,
      serviceAccount: account,
      tolerations: [...objectsAt(spec, 'tolerations'), ...missingTolerations(objectsAt(spec, 'tolerations'))],
    },
    status: { phase: 'Pending', qosClass: qosClass(spec) },
  };
}

function missingTolerations(own: readonly JsonObject[]): JsonObject[] {
  return TOLERATED.filter((key) => !own.some((toleration) => toleration.key === key || !toleration.key)).map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: GRACE_SECONDS,
  }));
}

function qosClass(spec: JsonObject): string {
  const all = objectsAt(spec, 'containers').map((container) => objectAt(container, 'resources'));
  const set = ({ requests, limits }: JsonObject): boolean => requests !== undefined || limits !== undefined;
  if (!all.some(set)) return 'BestEffort';
  const guaranteed = all.every((resources) =>
    ['cpu', 'memory'].every((name) => {
      const limit = objectAt(resources, 'limits')[name];
      return limit !== undefined && (objectAt(resources, 'requests')[name] ?? limit) === limit;
    }),
  );
  return guaranteed ? 'Guaranteed' : 'Burstable';
}
