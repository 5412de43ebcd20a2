import type { Json, JsonObject } from '@flotilla/domain';
import { isJsonObject, memberObject, memberText } from '@flotilla/domain';
import { isApiFault } from './api-fault.js';
import type { ResourceType } from './resource-type.js';
import { apiVersionOf } from './resource-type.js';
import type { Transport } from './transport.js';

const AGGREGATED = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

/**
 * What kinds the API server serves. A group that could not be asked is unknown, never absent: what belongs to it must not be
 * taken for deleted or missing.
 */
export class Discovery {
  private types = new Map<string, ResourceType>();
  private unknown = new Set<string>();
  private etags: Record<string, string> = {};
  private loading: Promise<boolean> | undefined;
  private loaded = false;

  constructor(private readonly transport: Transport) {}

  /** The type of a kind; undefined when the server does not serve it. Call `isUnknown` before taking that as a fact. */
  find(apiVersion: string, kind: string): ResourceType | undefined {
    return this.types.get(`${apiVersion}/${kind}`);
  }

  /** The type of a kind in whatever version the server prefers. */
  findKind(group: string, kind: string): ResourceType | undefined {
    for (const type of this.types.values()) if (type.group === group && type.kind === kind) return type;
    return undefined;
  }

  /** Every type in every version that is served. */
  get all(): Iterable<ResourceType> {
    return this.types.values();
  }

  /** True while nothing is known of the group: never loaded, or its server did not answer. */
  isUnknown(group: string): boolean {
    return !this.loaded || this.unknown.has(group);
  }

  /** Asks the server anew; concurrent calls share one. True when anything changed. */
  refresh(): Promise<boolean> {
    this.loading ??= this.load().finally(() => (this.loading = undefined));
    return this.loading;
  }

  private async load(): Promise<boolean> {
    const core = await this.fetch('/api');
    const groups = await this.fetch('/apis');
    if (core === undefined && groups === undefined && this.loaded) return false;
    // Both parts are needed for one picture: the part that was not modified is asked for again in full.
    const parts = [core ?? (await this.fetchFull('/api')), groups ?? (await this.fetchFull('/apis'))];
    const found: Found = { types: [], unknown: [] };
    for (const part of parts) await this.readPart(part, found);
    return this.replace(found);
  }

  private async fetch(path: string): Promise<JsonObject | undefined> {
    const etag = this.loaded ? this.etags[path] : undefined;
    const headers = etag === undefined ? {} : { 'if-none-match': etag };
    const answer = await this.transport.send({ method: 'GET', path, accept: AGGREGATED, headers });
    if (answer.notModified) return undefined;
    if (answer.etag !== undefined) this.etags[path] = answer.etag;
    return JSON.parse(answer.body) as JsonObject;
  }

  private async fetchFull(path: string): Promise<JsonObject> {
    const answer = await this.transport.send({ method: 'GET', path, accept: AGGREGATED });
    return JSON.parse(answer.body) as JsonObject;
  }

  private async readPart(part: JsonObject, found: Found): Promise<void> {
    if (part['kind'] === 'APIGroupDiscoveryList') return readAggregated(part, found);
    const roots =
      part['kind'] === 'APIVersions'
        ? list(part['versions']).map((version) => `/api/${typeof version === 'string' ? version : ''}`)
        : list(part['groups']).flatMap((group) => groupRoots(group));
    for (const root of roots) await this.readRoot(root, found);
  }

  private async readRoot(root: string, found: Found): Promise<void> {
    const [, , first = '', second] = root.split('/');
    const [group, version] = second === undefined ? ['', first] : [first, second];
    try {
      const answer = await this.transport.send({ method: 'GET', path: root });
      const resources = list((JSON.parse(answer.body) as JsonObject)['resources']);
      for (const resource of resources) readLegacy(resource, { group, version }, found);
    } catch (error) {
      if (!isApiFault(error)) throw error;
      found.unknown.push(group);
    }
  }

  private replace(found: Found): boolean {
    const types = new Map<string, ResourceType>();
    for (const type of found.types) {
      const key = `${apiVersionOf(type)}/${type.kind}`;
      if (!types.has(key)) types.set(key, type);
    }
    const unknown = new Set(found.unknown);
    const changed = !sameKeys(types, this.types) || !sameKeys(unknown, this.unknown);
    // What an unknown group served before is kept: it is likely still there.
    for (const [key, type] of this.types) if (unknown.has(type.group) && !types.has(key)) types.set(key, type);
    this.types = types;
    this.unknown = unknown;
    this.loaded = true;
    return changed;
  }
}

interface Found {
  readonly types: ResourceType[];
  readonly unknown: string[];
}

function list(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? (value as readonly Json[]) : [];
}

function readAggregated(document: JsonObject, found: Found): void {
  for (const item of list(document['items']).filter(isJsonObject)) {
    const group = memberText(memberObject(item, 'metadata'), 'name');
    for (const version of list(item['versions']).filter(isJsonObject)) readVersion(group, version, found);
  }
}

function readVersion(group: string, served: JsonObject, found: Found): void {
  const version = memberText(served, 'version');
  if (served['freshness'] === 'Stale') found.unknown.push(group);
  for (const resource of list(served['resources']).filter(isJsonObject)) {
    const kind = memberText(memberObject(resource, 'responseKind'), 'kind');
    const namespaced = resource['scope'] === 'Namespaced';
    const verbs = list(resource['verbs']).map(String);
    if (kind !== '')
      found.types.push({ group, version, kind, resource: memberText(resource, 'resource'), namespaced, verbs });
  }
}

function groupRoots(group: Json): string[] {
  if (!isJsonObject(group)) return [];
  const versions = list(group['versions']).filter(isJsonObject);
  return versions.map((version) => `/apis/${memberText(version, 'groupVersion')}`);
}

function readLegacy(resource: Json, place: { group: string; version: string }, found: Found): void {
  if (!isJsonObject(resource)) return;
  const name = memberText(resource, 'name');
  if (name.includes('/')) return;
  found.types.push({
    ...place,
    kind: memberText(resource, 'kind'),
    resource: name,
    namespaced: resource['namespaced'] === true,
    verbs: list(resource['verbs']).map(String),
  });
}

function sameKeys(
  a: { keys(): Iterable<string>; size: number },
  b: { has(key: string): boolean; size: number },
): boolean {
  if (a.size !== b.size) return false;
  for (const key of a.keys()) if (!b.has(key)) return false;
  return true;
}
