import { aggregatedDiscovery, coreVersions, groupList, groupPage, resourceList } from '../discovery/discovery.js';
import { openApiDocument, openApiIndex } from '../discovery/open-api-pages.js';
import type { Registry } from '../registry/registry.js';
import { recordedVersion } from '../schema/recorded-schemas.js';
import type { JsonObject } from '../json.js';
import { NoSuchPath } from '../status-error.js';
import type { ApiRequest } from './api-request.js';

const OPENAPI_V2 = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';
const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Everything that is no resource: health, version, discovery, OpenAPI. */
export function handlePage(api: ApiRequest, registry: Registry, url: string): void {
  const path = api.call.path.replace(/\/$/, '') || '/';
  if (/^\/(healthz|livez|readyz)(\/|$)/.test(path)) api.send(200, 'ok', 'text/plain; charset=utf-8');
  else if (path === '/version') api.send(200, JSON.stringify(recordedVersion(), undefined, 2), 'application/json');
  else if (path.startsWith('/openapi/v3')) answerOpenApi(api, registry, path.slice('/openapi/v3'.length));
  // Clients fall back to it for kinds that v3 does not know: an empty document, in the only form they ask for.
  else if (path === '/openapi/v2') api.send(200, '', OPENAPI_V2);
  else answerDiscovery(api, registry, { path, url });
}

function answerOpenApi(api: ApiRequest, registry: Registry, path: string): void {
  if (path === '') return api.json(200, openApiIndex(registry));
  const document = openApiDocument(registry, path.slice(1));
  if (Buffer.isBuffer(document)) api.gzipped(document, 'application/json');
  else api.json(200, document);
}

function answerDiscovery(api: ApiRequest, registry: Registry, { path, url }: { path: string; url: string }): void {
  const [, root, group, version, more] = path.split('/');
  const isRoot = group === undefined && (root === 'api' || root === 'apis');
  if (isRoot && wantsAggregated(api)) {
    return api.send(200, JSON.stringify(aggregatedDiscovery(registry, root === 'api')), AGGREGATED);
  }
  if (more !== undefined) throw new NoSuchPath();
  api.json(
    200,
    root === 'api' ? corePage(registry, { version: group, url }) : groupsPage(registry, { root, group, version }),
  );
}

function wantsAggregated(api: ApiRequest): boolean {
  return api.accepts.some((accept) => accept.includes('as=APIGroupDiscoveryList') && /v=v2(;|$)/.test(accept));
}

function corePage(registry: Registry, { version, url }: { version: string | undefined; url: string }): JsonObject {
  return version === undefined ? coreVersions(url) : resourceList(registry, '', version);
}

interface GroupsPath {
  readonly root: string | undefined;
  readonly group: string | undefined;
  readonly version: string | undefined;
}

function groupsPage(registry: Registry, { root, group, version }: GroupsPath): JsonObject {
  if (root !== 'apis') throw new NoSuchPath();
  if (group === undefined) return groupList(registry);
  return version === undefined ? groupPage(registry, group) : resourceList(registry, group, version);
}
