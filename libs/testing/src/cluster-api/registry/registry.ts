import type { JsonObject } from '../json.js';
import { listAt, objectsAt, stringAt } from '../json.js';
import { recordedDiscovery, recordedSchemas } from '../schema/recorded-schemas.js';
import { SchemaNode } from '../schema/schema-node.js';
import type { ResourceType } from './resource-type.js';
import { qualifiedName } from './resource-type.js';

/**
 * Left out of what was recorded: a second face of objects that another group version already serves. Every resource is
 * served in one version, its preferred one, so that nothing has to be converted.
 */
const OMITTED_GROUPS = new Set(['events.k8s.io']);

class RecordedType implements ResourceType {
  readonly custom = undefined;
  private node: SchemaNode | undefined;

  constructor(
    readonly group: string,
    readonly version: string,
    readonly discovery: JsonObject,
  ) {}

  readonly plural = stringAt(this.discovery, 'resource');
  readonly singular = stringAt(this.discovery, 'singularResource');
  readonly kind = stringAt(this.discovery, 'responseKind', 'kind');
  readonly namespaced = stringAt(this.discovery, 'scope') === 'Namespaced';
  readonly verbs = listAt(this.discovery, 'verbs') as string[];
  readonly subresources = new Set(objectsAt(this.discovery, 'subresources').map((sub) => stringAt(sub, 'subresource')));

  /** The schema is read when the first object of the kind comes by. */
  get schema(): SchemaNode {
    this.node ??=
      recordedSchemas(this.group, this.version).ofKind(this) ?? new SchemaNode({}, recordedSchemas('', 'v1'));
    return this.node;
  }
}

let recorded: readonly ResourceType[] | undefined;

function recordedTypes(): readonly ResourceType[] {
  recorded ??= readRecorded();
  return recorded;
}

function readRecorded(): ResourceType[] {
  const { api, apis } = recordedDiscovery();
  const groups = [...objectsAt(api, 'items'), ...objectsAt(apis, 'items')];
  return groups.flatMap((group) => typesOfGroup(stringAt(group, 'metadata', 'name'), objectsAt(group, 'versions')));
}

function typesOfGroup(group: string, versions: readonly JsonObject[]): ResourceType[] {
  if (OMITTED_GROUPS.has(group)) return [];
  const seen = new Set<string>();
  const types: ResourceType[] = [];
  for (const version of versions) {
    for (const entry of objectsAt(version, 'resources')) {
      const plural = stringAt(entry, 'resource');
      if (!seen.has(plural)) types.push(new RecordedType(group, stringAt(version, 'version'), entry));
      seen.add(plural);
    }
  }
  return types;
}

/** The resources that one cluster serves: the recorded ones, and those of its CustomResourceDefinitions. */
export class Registry {
  private readonly types = new Map<string, ResourceType>();
  /** By `plural.group`: one type for each collection, of the version that is stored. */
  private readonly stored = new Map<string, ResourceType>();

  constructor() {
    for (const type of recordedTypes()) this.add(type);
  }

  find(group: string, version: string, plural: string): ResourceType | undefined {
    return this.types.get(`${group}/${version}/${plural}`);
  }

  /** The collection's type by `plural.group`. @throws when there is none: a mistake in this server. */
  stands(name: string): ResourceType {
    const type = this.stored.get(name);
    if (!type) throw new Error(`no such resource: ${name}`);
    return type;
  }

  hasCollection(name: string): boolean {
    return this.stored.has(name);
  }

  all(): Iterable<ResourceType> {
    return this.types.values();
  }

  collections(): Iterable<ResourceType> {
    return this.stored.values();
  }

  hasVersion(group: string, version: string): boolean {
    for (const type of this.types.values()) if (type.group === group && type.version === version) return true;
    return false;
  }

  /** Serves the versions of a custom resource in place of those served before. */
  setCustom(name: string, types: readonly ResourceType[]): void {
    for (const [key, type] of this.types) if (type.custom && qualifiedName(type) === name) this.types.delete(key);
    this.stored.delete(name);
    for (const type of types) this.add(type);
  }

  private add(type: ResourceType): void {
    this.types.set(`${type.group}/${type.version}/${type.plural}`, type);
    const name = qualifiedName(type);
    if (!this.stored.has(name) || type.custom?.storageVersion === type.version) this.stored.set(name, type);
  }
}
