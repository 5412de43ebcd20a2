import type { Verb } from '../access/api-call.js';
import type { Registry } from '../registry/registry.js';
import { listObjects, parseSelection } from '../resources/list-objects.js';
import type { ObjectRemover } from '../resources/object-remover.js';
import type { ObjectPlace, ObjectWriter } from '../resources/object-writer.js';
import { methodNotAllowed, noContainers, NoSuchPath, noSuchResource } from '../status-error.js';
import type { ApiRequest } from './api-request.js';
import { removeCollection, removeObject } from './handle-remove.js';
import { handleScale } from './handle-scale.js';
import type { ReviewParts } from './handle-review.js';
import { handleReview } from './handle-review.js';
import type { Written } from './handle-write.js';
import { createObject, patchObject, replaceObject } from './handle-write.js';
import type { Rendering } from './render-object.js';
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
/** What only a running container can answer. */
const CONTAINERS = new Set(['log', 'exec', 'attach', 'portforward', 'proxy']);
const WHOLE = new Set(['', 'status', 'finalize']);

/** Answers a call about a resource by its verb. */
export async function handleResource(api: ApiRequest, parts: ResourceParts): Promise<void> {
  const target = targetOf(api, parts.registry);
  if (target.type.kind === 'Endpoints') api.warnings.push(ENDPOINTS);
  if (await handleReview(api, target, parts)) return;
  if (target.subresource === 'scale') return handleScale(api, target, parts.writer);
  if (CONTAINERS.has(target.subresource)) throw noContainers(target.subresource);
  if (!WHOLE.has(target.subresource) || !isServed(target, api.call.verb)) throw methodNotAllowed();
  const rendering = chooseRendering(api.accepts, target.type, api.query);
  if (api.call.verb !== '') await HANDLERS[api.call.verb](api, target, { ...parts, rendering });
}

type HandlerParts = ResourceParts & { readonly rendering: Rendering };
type Handler = (api: ApiRequest, place: ObjectPlace, parts: HandlerParts) => Promise<void> | void;

const HANDLERS: Readonly<Record<Exclude<Verb, ''>, Handler>> = {
  get: (api, place, parts) => answer(api, { object: parts.writer.get(place), created: false }, parts),
  list: (api, place, { hub, rendering }) => {
    const { objects, metadata } = listObjects(hub.store, parseSelection(place, api.query), api.query);
    api.send(200, rendering.list(objects, metadata), rendering.contentType);
  },
  watch: (api, place, { hub, rendering }) =>
    watchObjects(api, { hub, selection: parseSelection(place, api.query), rendering }),
  create: async (api, place, parts) => answer(api, await createObject(api, place, parts.writer), parts),
  update: async (api, place, parts) => answer(api, await replaceObject(api, place, parts.writer), parts),
  patch: async (api, place, parts) => answer(api, await patchObject(api, place, parts.writer), parts),
  delete: removeObject,
  deletecollection: (api, place, parts) => removeCollection(api, place, { ...parts, store: parts.hub.store }),
};

function answer(api: ApiRequest, { object, created }: Written, { rendering }: HandlerParts): void {
  api.send(created ? 201 : 200, rendering.one(object), rendering.contentType);
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
