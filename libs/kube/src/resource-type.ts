/** One kind as the API server serves it. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  /** Plural, as in paths. */
  readonly resource: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export function apiVersionOf(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** Map key of a resource, whatever its version: `group/resource`. */
export function resourceKey(type: ResourceType): string {
  return `${type.group}/${type.resource}`;
}

/** Path of a collection (name left out) or of one object. An empty namespace of a namespaced kind means all of them. */
export function pathOf(type: ResourceType, namespace: string, name?: string): string {
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const scope = type.namespaced && namespace !== '' ? `/namespaces/${encodeURIComponent(namespace)}` : '';
  const collection = `${root}${scope}/${type.resource}`;
  return name === undefined ? collection : `${collection}/${encodeURIComponent(name)}`;
}
