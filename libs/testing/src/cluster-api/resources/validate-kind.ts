import { validateDefinition } from '../custom/validate-definition.js';
import type { JsonObject, KubeObject } from '../json.js';
import { at, isObject, listAt, objectAt, objectsAt, sameJson, stringAt } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { qualifiedName } from '../registry/resource-type.js';
import type { StatusCause } from '../status-error.js';
import { invalidValue, required } from '../status-error.js';
import { matchesSelector } from './label-selector.js';

const WORKLOADS = new Set(['deployments.apps', 'replicasets.apps', 'statefulsets.apps', 'daemonsets.apps']);
const IMMUTABLE = 'field is immutable';

/** The rules that wrong manifests most often break; the API server has many more. */
export function validateKind(object: KubeObject, type: ResourceType): StatusCause[] {
  const name = qualifiedName(type);
  if (WORKLOADS.has(name))
    return [...validateSelector(object), ...validateReplicas(object), ...validateTemplate(object)];
  if (name === 'jobs.batch') return validateTemplate(object);
  if (name === 'cronjobs.batch') return validateSchedule(object);
  if (name === 'pods') return validatePod(objectAt(object, 'spec'), 'spec');
  if (name === 'services') return validateService(object);
  if (name === 'customresourcedefinitions.apiextensions.k8s.io') return validateDefinition(object);
  return [];
}

function validateSchedule(object: KubeObject): StatusCause[] {
  const schedule = stringAt(object, 'spec', 'schedule');
  const words = schedule.trim() === '' ? [] : schedule.trim().split(/\s+/);
  if (schedule.startsWith('@') || words.length === 5) return [];
  if (words.length === 0) return [required('spec.schedule')];
  const told = `expected exactly 5 fields, found ${words.length}: [${words.join(' ')}]`;
  return [{ reason: 'FieldValueInvalid', message: `Invalid value: "${schedule}": ${told}`, field: 'spec.schedule' }];
}

function validateSelector(object: KubeObject): StatusCause[] {
  const selector = at(object, 'spec', 'selector');
  const labels = at(object, 'spec', 'template', 'metadata', 'labels');
  const mismatch = invalidValue('spec.template.metadata.labels', labels, '`selector` does not match template `labels`');
  if (!isObject(selector)) return [required('spec.selector'), mismatch];
  if (Object.keys(selector).length === 0) {
    return [invalidValue('spec.selector', {}, `empty selector is invalid for ${object.kind.toLowerCase()}`)];
  }
  return matchesSelector(selector, (labels ?? {}) as Record<string, string>) ? [] : [mismatch];
}

function validateReplicas(object: KubeObject): StatusCause[] {
  const replicas = at(object, 'spec', 'replicas');
  const negative = typeof replicas === 'number' && replicas < 0;
  return negative ? [invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0')] : [];
}

function validateTemplate(object: KubeObject): StatusCause[] {
  return validatePod(objectAt(object, 'spec', 'template', 'spec'), 'spec.template.spec');
}

function validatePod(spec: JsonObject, path: string): StatusCause[] {
  if (listAt(spec, 'containers').length === 0) return [required(`${path}.containers`)];
  return ['initContainers', 'containers'].flatMap((list) => {
    const seen = new Set<string>();
    return objectsAt(spec, list).flatMap((container, index) =>
      validateContainer(container, `${path}.${list}[${index}]`, seen),
    );
  });
}

function validateContainer(container: JsonObject, path: string, seen: Set<string>): StatusCause[] {
  const name = stringAt(container, 'name');
  const doubled = seen.has(name);
  seen.add(name);
  return [
    ...(name === '' ? [required(`${path}.name`)] : []),
    ...(doubled
      ? [{ reason: 'FieldValueDuplicate', message: `Duplicate value: "${name}"`, field: `${path}.name` }]
      : []),
    ...(stringAt(container, 'image') === '' ? [required(`${path}.image`)] : []),
  ];
}

function validateService(object: KubeObject): StatusCause[] {
  const headless = at(object, 'spec', 'clusterIP') === 'None' || at(object, 'spec', 'type') === 'ExternalName';
  const ports = objectsAt(object, 'spec', 'ports');
  if (ports.length === 0) return headless ? [] : [required('spec.ports')];
  return ports.flatMap((port, index) => {
    const path = `spec.ports[${index}]`;
    const number = Number(port.port ?? 0);
    const range =
      number > 0 && number < 65536
        ? []
        : [invalidValue(`${path}.port`, number, 'must be between 1 and 65535, inclusive')];
    return [...range, ...(ports.length > 1 && !port.name ? [required(`${path}.name`)] : [])];
  });
}

/** Fields that stay as they were created, by collection. */
const FIXED: Record<string, readonly string[]> = {
  'deployments.apps': ['selector'],
  'replicasets.apps': ['selector'],
  'daemonsets.apps': ['selector'],
  'jobs.batch': ['selector', 'template', 'completionMode'],
  persistentvolumeclaims: ['accessModes', 'storageClassName', 'volumeMode', 'selector', 'dataSource'],
};
const STATEFUL_CHANGEABLE = new Set([
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
]);
const STATEFUL_RULE =
  "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden";

export function validateKindUpdate(live: KubeObject, next: KubeObject, type: ResourceType): StatusCause[] {
  const name = qualifiedName(type);
  const [before, after] = [objectAt(live, 'spec'), objectAt(next, 'spec')];
  if (name === 'statefulsets.apps') return validateStateful(before, after);
  if (name === 'configmaps' || name === 'secrets') return validateImmutable(live, next);
  if (name.endsWith('.rbac.authorization.k8s.io') && !sameJson(live.roleRef, next.roleRef)) {
    return [invalidValue('roleRef', next.roleRef, 'cannot change roleRef')];
  }
  if (name === 'services') return validateAddress(before, after);
  return (FIXED[name] ?? [])
    .filter((field) => !sameJson(before[field], after[field]))
    .map((field) => invalidValue(`spec.${field}`, after[field], IMMUTABLE));
}

function validateStateful(before: JsonObject, after: JsonObject): StatusCause[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changed = [...keys].some((key) => !STATEFUL_CHANGEABLE.has(key) && !sameJson(before[key], after[key]));
  return changed ? [{ reason: 'FieldValueForbidden', message: `Forbidden: ${STATEFUL_RULE}`, field: 'spec' }] : [];
}

function validateImmutable(live: KubeObject, next: KubeObject): StatusCause[] {
  if (live.kind === 'Secret' && live.type !== next.type) return [invalidValue('type', next.type, IMMUTABLE)];
  if (live.immutable !== true) return [];
  const message = 'Forbidden: field is immutable when `immutable` is set';
  return ['immutable', 'data', 'binaryData', 'stringData']
    .filter((field) => !sameJson(live[field], next[field]))
    .map((field) => ({ reason: 'FieldValueForbidden', message, field }));
}

function validateAddress(before: JsonObject, after: JsonObject): StatusCause[] {
  if (!before.clusterIP || before.clusterIP === after.clusterIP || after.type === 'ExternalName') return [];
  return [invalidValue('spec.clusterIPs[0]', after.clusterIPs, 'may not change once set')];
}
