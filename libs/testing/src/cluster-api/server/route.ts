import type { Verb } from '../access/api-call.js';
import type { Registry } from '../registry/registry.js';
import type { ResourceType } from '../registry/resource-type.js';

/** What a request is about: a resource, or a page of the server itself. */
export interface Route {
  /** Undefined for the server's own pages and for resources that are not served. */
  readonly type: ResourceType | undefined;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

/** What names one object, one collection, or a subresource. */
export interface Target extends Route {
  readonly type: ResourceType;
}

const NAMESPACE_SUBRESOURCES = new Set(['status', 'finalize']);
const PAGE = { type: undefined, group: '', version: '', resource: '', namespace: '', name: '', subresource: '' };

/** Reads `/api/v1/…` and `/apis/GROUP/VERSION/…`; every other path is a page. */
export function parseRoute(path: string, registry: Registry): Route {
  const segments = path.split('/').slice(1).map(decodeURIComponent);
  const [root, ...rest] = segments;
  if (root === 'api' && rest.length > 1) return parseResource(['', ...rest], registry);
  if (root === 'apis' && rest.length > 2) return parseResource(rest, registry);
  return PAGE;
}

function parseResource([group = '', version = '', ...rest]: readonly string[], registry: Registry): Route {
  const { namespace, steps } = splitNamespace(rest);
  const [resource = '', name = '', ...subresource] = steps;
  const found = registry.find(group, version, resource);
  const fits = found !== undefined && (found.namespaced || namespace === '');
  const type = fits ? found : undefined;
  return { type, group, version, resource, namespace, name, subresource: subresource.join('/') };
}

function splitNamespace(rest: readonly string[]): { namespace: string; steps: readonly string[] } {
  const [first, namespace = '', third] = rest;
  const inside = first === 'namespaces' && third !== undefined && !NAMESPACE_SUBRESOURCES.has(third);
  return inside ? { namespace, steps: rest.slice(2) } : { namespace: '', steps: rest };
}

export function verbOf(method: string, route: Route, query: URLSearchParams): Verb {
  if (route.resource === '') return '';
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return route.name === '' ? 'deletecollection' : 'delete';
    default:
      return readVerb(route, query);
  }
}

function readVerb(route: Route, query: URLSearchParams): Verb {
  if (route.name !== '') return 'get';
  return isTrue(query.get('watch')) ? 'watch' : 'list';
}

/** A flag in a query: `true`, `1`, or named without a value. */
export function isTrue(value: string | null): boolean {
  return value !== null && value !== 'false' && value !== '0';
}
