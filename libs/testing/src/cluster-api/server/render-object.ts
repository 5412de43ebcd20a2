import type { JsonObject, KubeObject } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { apiVersionOf } from '../registry/resource-type.js';
import { printObject } from '../store.js';
import { renderTable } from '../tables/render-table.js';

const META = 'meta.k8s.io/v1';

/** The form in which a caller wants objects. */
export interface Rendering {
  readonly contentType: string;
  one(object: KubeObject): string;
  list(objects: readonly KubeObject[], metadata: JsonObject): string;
}

/** The first form in `Accept` that there is: plain, a table, or metadata alone. */
export function chooseRendering(accepts: readonly string[], type: ResourceType, query: URLSearchParams): Rendering {
  for (const accept of accepts) {
    if (!accept.startsWith('application/json')) continue;
    if (accept.includes('as=Table')) return tables(type, query);
    if (accept.includes('as=PartialObjectMetadata')) return partial(accept);
    break;
  }
  return plain(type);
}

function plain(type: ResourceType): Rendering {
  return {
    contentType: 'application/json',
    one: (object) => printObject(withVersion(object, type)),
    list: (objects, metadata) => {
      const head = {
        kind: listKind(type),
        apiVersion: apiVersionOf(type),
        metadata: type.custom ? { continue: '', ...metadata } : metadata,
      };
      const items = objects.map((object) => (type.custom ? printObject(withVersion(object, type)) : printItem(object)));
      return `${JSON.stringify(head).slice(0, -1)},"items":[${items.join(',')}]}`;
    },
  };
}

/** Custom resources are stored in one version and shown in the one asked for. */
function withVersion(object: KubeObject, type: ResourceType): KubeObject {
  const apiVersion = apiVersionOf(type);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

function listKind(type: ResourceType): string {
  return type.custom?.listKind ?? `${type.kind}List`;
}

/** Items of built-in lists come without their type; stored objects begin with it. */
function printItem(object: KubeObject): string {
  const text = printObject(object);
  const head = JSON.stringify({ kind: object.kind, apiVersion: object.apiVersion }).slice(0, -1);
  return text.startsWith(head) ? `{${text.slice(head.length + 1)}` : text;
}

function partial(accept: string): Rendering {
  const strip = ({ metadata }: KubeObject): JsonObject => ({
    kind: 'PartialObjectMetadata',
    apiVersion: META,
    metadata,
  });
  const list = (objects: readonly KubeObject[], metadata: JsonObject): string =>
    JSON.stringify({ kind: 'PartialObjectMetadataList', apiVersion: META, metadata, items: objects.map(strip) });
  return { contentType: accept, one: (object) => JSON.stringify(strip(object)), list };
}

function tables(type: ResourceType, query: URLSearchParams): Rendering {
  const include = query.get('includeObject') ?? 'Metadata';
  const render = (objects: readonly KubeObject[], metadata: JsonObject): string =>
    JSON.stringify(renderTable(objects, { type, metadata, include }));
  return {
    contentType: 'application/json',
    one: (object) => render([object], { resourceVersion: object.metadata.resourceVersion }),
    list: render,
  };
}
