import type { JsonObject } from '../json.js';
import { listAt, objectAt, objectsAt, stringAt } from '../json.js';
import type { Registry } from '../registry/registry.js';
import type { ResourceType } from '../registry/resource-type.js';
import { apiVersionOf } from '../registry/resource-type.js';
import { NoSuchPath } from '../status-error.js';

/** Aggregated discovery (`apidiscovery.k8s.io/v2`) of the core group or of all the others. */
export function aggregatedDiscovery(registry: Registry, core: boolean): JsonObject {
  const items = groupsOf(registry, core).map(([group, versions]) => ({
    metadata: group === '' ? {} : { name: group },
    versions: [...versions].map(([version, types]) => ({
      version,
      resources: types.map((type) => type.discovery),
      freshness: 'Current',
    })),
  }));
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

type Versions = Map<string, ResourceType[]>;

function groupsOf(registry: Registry, core: boolean): [string, Versions][] {
  const groups = new Map<string, Versions>();
  for (const type of registry.all()) {
    if ((type.group === '') !== core) continue;
    const versions: Versions = groups.get(type.group) ?? new Map<string, ResourceType[]>();
    groups.set(type.group, versions);
    versions.set(type.version, [...(versions.get(type.version) ?? []), type]);
  }
  return [...groups];
}

/** `/api` as older clients ask for it. */
export function coreVersions(url: string): JsonObject {
  const serverAddress = new URL(url).host;
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress }],
  };
}

export function groupList(registry: Registry): JsonObject {
  const groups = groupsOf(registry, false).map(([group, versions]) => describeGroup(group, [...versions.keys()]));
  return { kind: 'APIGroupList', apiVersion: 'v1', groups };
}

/** @throws 404 when the group is not served. */
export function groupPage(registry: Registry, group: string): JsonObject {
  const found = groupsOf(registry, false).find(([name]) => name === group);
  if (!found) throw new NoSuchPath();
  return { kind: 'APIGroup', apiVersion: 'v1', ...describeGroup(group, [...found[1].keys()]) };
}

function describeGroup(name: string, versions: readonly string[]): JsonObject {
  const all = versions.map((version) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: all, preferredVersion: all[0] };
}

/** The resources of one group version. @throws 404 when it is not served. */
export function resourceList(registry: Registry, group: string, version: string): JsonObject {
  const types = [...registry.all()].filter((type) => type.group === group && type.version === version);
  if (types.length === 0) throw new NoSuchPath();
  const groupVersion = apiVersionOf({ group, version });
  return {
    kind: 'APIResourceList',
    ...(group ? { apiVersion: 'v1' } : {}),
    groupVersion,
    resources: types.flatMap(describeResource),
  };
}

function describeResource(type: ResourceType): JsonObject[] {
  const { plural, singular, namespaced, kind, verbs, discovery } = type;
  const extra = (key: string): JsonObject =>
    listAt(discovery, key).length > 0 ? { [key]: listAt(discovery, key) } : {};
  const own = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: [...verbs],
    ...extra('shortNames'),
    ...extra('categories'),
  };
  return [own, ...objectsAt(discovery, 'subresources').map((sub) => describeSubresource(type, sub))];
}

function describeSubresource({ plural, namespaced, group, version }: ResourceType, sub: JsonObject): JsonObject {
  const kind = objectAt(sub, 'responseKind');
  const foreign = stringAt(kind, 'group') !== '' && stringAt(kind, 'group') !== group;
  return {
    name: `${plural}/${stringAt(sub, 'subresource')}`,
    singularName: '',
    namespaced,
    ...(foreign ? { group: kind.group, version: kind.version || version } : {}),
    kind: kind.kind,
    verbs: listAt(sub, 'verbs'),
  };
}
