import type { Registry } from '../registry/registry.js';
import { listObjects, parseSelection } from '../resources/list-objects.js';
import type { ObjectRemover } from '../resources/object-remover.js';
import type { ObjectPlace, ObjectWriter } from '../resources/object-writer.js';
import { methodNotAllowed, NoSuchPath, noSuchResource } from '../status-error.js';
import type { ApiRequest } from './api-request.js';
import { removeCollection, removeObject } from './handle-remove.js';
import { handleScale } from './handle-scale.js';
import type { ReviewParts } from './handle-review.js';
import { handleReview } from './handle-review.js';
import type { Written } from './handle-write.js';
import { createObject, patchObject, replaceObject } from './handle-write.js';
import { chooseRendering } from './render-object.js';
import type { Target } from './route.js';
import type { WatchHub } from './watch-objects.js';
import { watchObjects } from './watch-objects.js';

export interface ResourceParts extends ReviewParts {
  readonly writer: ObjectWriter;
  readonly remover: ObjectRemover;
  readonly hub: WatchHub;
  readonly registry: Registry;
}

const ENDPOINTS = 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice';
const WHOLE = new Set(['', 'status', 'finalize']);

/** Answers a call about a resource by its verb. */
export async function handleResource(api: ApiRequest, parts: ResourceParts): Promise<void> {
  const target = targetOf(api, parts.registry);
  if (target.type.kind === 'Endpoints') api.warnings.push(ENDPOINTS);
  if (await handleReview(api, target, parts)) return;
  if (target.subresource === 'scale') return handleScale(api, target, parts.writer);
  if (!WHOLE.has(target.subresource) || !isServed(target, api.call.verb)) throw methodNotAllowed();
  const place: ObjectPlace = target;
  const rendering = chooseRendering(api.accepts, target.type, api.query);
  switch (api.call.verb) {
    case 'get':
      return answer(api, { object: parts.writer.get(place), created: false });
    case 'list': {
      const { objects, metadata } = listObjects(parts.hub.store, parseSelection(place, api.query), api.query);
      return api.send(200, rendering.list(objects, metadata), rendering.contentType);
    }
    case 'watch':
      return watchObjects(api, { hub: parts.hub, selection: parseSelection(place, api.query), rendering });
    case 'create':
      return answer(api, await createObject(api, place, parts.writer));
    case 'update':
      return answer(api, await replaceObject(api, place, parts.writer));
    case 'patch':
      return answer(api, await patchObject(api, place, parts.writer));
    case 'delete':
      return removeObject(api, place, { remover: parts.remover, rendering });
    case 'deletecollection':
      return removeCollection(api, place, { remover: parts.remover, rendering, store: parts.hub.store });
    case '':
      throw new NoSuchPath();
  }

  function answer(to: ApiRequest, { object, created }: Written): void {
    to.send(created ? 201 : 200, rendering.one(object), rendering.contentType);
  }
}

/** @throws 404 when the resource or subresource is not served. */
function targetOf(api: ApiRequest, registry: Registry): Target {
  const { route } = api;
  const { type } = route;
  if (!type) throw registry.hasVersion(route.group, route.version) ? noSuchResource() : new NoSuchPath();
  if (route.subresource !== '' && !type.subresources.has(route.subresource)) throw noSuchResource();
  return { ...route, type };
}

function isServed({ type, name, subresource }: Target, verb: string): boolean {
  const needsName = ['get', 'update', 'patch', 'delete'].includes(verb);
  const fits = verb === 'create' ? name === '' : needsName === (name !== '');
  if (!fits) return false;
  return subresource === '' ? type.verbs.includes(verb) : ['get', 'update', 'patch'].includes(verb);
}
