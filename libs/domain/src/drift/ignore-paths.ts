import type { Json, JsonObject, KubeObject, ObjectRef } from '../json/index.js';
import { isJsonObject, refOf } from '../json/index.js';
import type { IgnoreRule } from '../policy/index.js';
import { memberText } from '../health/members.js';
import { parsePointer } from './diff-object.js';
import { holdsPath, managedFieldsOf } from './managed-fields.js';

/** Paths of one object that are left to whoever owns them: the rules' pointers and every field of the rules' managers. */
export interface IgnoredPaths {
  readonly pointers: readonly string[];
  readonly managers: readonly string[];
}

export function ignoredPathsOf(ref: ObjectRef, rules: readonly IgnoreRule[]): IgnoredPaths {
  const matching = rules.filter((rule) => matchesRule(ref, rule));
  return {
    pointers: [...new Set(matching.flatMap((rule) => rule.jsonPointers))].sort(),
    managers: [...new Set(matching.flatMap((rule) => rule.fieldManagers))].sort(),
  };
}

function matchesRule(ref: ObjectRef, rule: IgnoreRule): boolean {
  const matches = (wanted: string | undefined, value: string): boolean => wanted === undefined || wanted === value;
  return (
    matches(rule.group, ref.group) &&
    matches(rule.kind, ref.kind) &&
    matches(rule.namespace, ref.namespace) &&
    matches(rule.name, ref.name)
  );
}

/** `/spec/replicas` of every workload that one of the objects, an HPA, scales. */
export function scaledWorkloads(objects: readonly KubeObject[]): ObjectRef[] {
  return objects
    .filter((object) => object.kind === 'HorizontalPodAutoscaler')
    .flatMap((hpa) => {
      const spec = hpa['spec'];
      const target = isJsonObject(spec) ? spec['scaleTargetRef'] : undefined;
      if (!isJsonObject(target)) return [];
      const { namespace } = refOf(hpa);
      const group = memberText(target, 'apiVersion').split('/').slice(0, -1).join('/');
      return [{ group, kind: memberText(target, 'kind'), namespace, name: memberText(target, 'name') }];
    });
}

const INJECTED = /^cert-manager\.io\/inject-(ca-from|ca-from-secret|apiserver-ca)$/;

/**
 * Paths of an object that the cluster fills in although manifests commonly name them: the rules of an aggregated ClusterRole,
 * and the CA bundles that cert-manager injects.
 */
export function filledPathsOf(object: KubeObject): string[] {
  if (object.kind === 'ClusterRole' && isJsonObject(object['aggregationRule'])) return ['/rules'];
  if (!Object.keys(object.metadata.annotations ?? {}).some((name) => INJECTED.test(name))) return [];
  const { webhooks } = object;
  const hooks = Array.isArray(webhooks) ? (webhooks as readonly Json[]) : [];
  return [
    ...hooks.map((_, at) => `/webhooks/${at}/clientConfig/caBundle`),
    ...['/spec/caBundle', '/spec/conversion/webhook/clientConfig/caBundle'],
  ].filter((pointer) => valueAt(object, parsePointer(pointer)) !== undefined);
}

/** The HPA controller scales through the scale subresource and leaves its mark there. */
export function isScaledByController(live: KubeObject): boolean {
  return managedFieldsOf(live).some(
    (entry) => entry.subresource === 'scale' && entry.manager === 'kube-controller-manager',
  );
}

/**
 * The object to send for a live one: an ignored path that another manager owns is left out, one that nobody else owns is sent
 * with its live value (leaving out what only we own would reset it to its default).
 */
export function applyIgnored(
  wanted: KubeObject,
  live: KubeObject,
  options: IgnoredPaths & { readonly ours: string },
): KubeObject {
  let object: Json = wanted;
  for (const pointer of options.pointers) {
    const segments = parsePointer(pointer);
    const value = valueAt(live, segments);
    if (value === undefined || valueAt(wanted, segments) === undefined) continue;
    object = isHeldByOther(live, segments, options.ours)
      ? withoutPath(object, segments)
      : withValue(object, segments, value);
  }
  if (options.managers.length > 0) object = withoutManaged(object, live, options.managers);
  return object as KubeObject;
}

function isHeldByOther(live: KubeObject, segments: readonly string[], ours: string): boolean {
  return managedFieldsOf(live).some((entry) => entry.manager !== ours && holdsPath(entry.fields, live, segments));
}

function withoutManaged(object: Json, live: KubeObject, managers: readonly string[]): Json {
  const entries = managedFieldsOf(live).filter((entry) => managers.includes(entry.manager));
  return leafPaths(object, [])
    .filter((segments) => entries.some((entry) => holdsPath(entry.fields, live, segments)))
    .reduce((rest, segments) => withoutPath(rest, segments), object);
}

function leafPaths(value: Json, prefix: readonly string[]): string[][] {
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([key, child]) =>
      child === undefined ? [] : leafPaths(child, [...prefix, key]),
    );
  }
  return [[...prefix]];
}

export function valueAt(value: Json | undefined, segments: readonly string[]): Json | undefined {
  let current = value;
  for (const segment of segments) {
    if (Array.isArray(current)) current = (current as readonly Json[])[Number(segment)];
    else current = isJsonObject(current) ? current[segment] : undefined;
  }
  return current;
}

function withoutPath(value: Json, segments: readonly string[]): Json {
  const [segment, ...rest] = segments;
  if (segment === undefined) return value;
  if (Array.isArray(value)) {
    const items = value as readonly Json[];
    if (rest.length === 0) return items.filter((_, index) => index !== Number(segment));
    return items.map((item, index) => (index === Number(segment) ? withoutPath(item, rest) : item));
  }
  if (!isJsonObject(value) || value[segment] === undefined) return value;
  const { [segment]: child, ...others } = value;
  return rest.length === 0 ? others : { ...value, [segment]: withoutPath(child as Json, rest) };
}

function withValue(value: Json, segments: readonly string[], replacement: Json): Json {
  const [segment, ...rest] = segments;
  if (segment === undefined) return replacement;
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map((item, index) =>
      index === Number(segment) ? withValue(item, rest, replacement) : item,
    );
  }
  const members: JsonObject = isJsonObject(value) ? value : {};
  return { ...members, [segment]: withValue(members[segment] ?? {}, rest, replacement) };
}
