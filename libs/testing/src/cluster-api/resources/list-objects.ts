import type { JsonObject, KubeObject } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { qualifiedName } from '../registry/resource-type.js';
import { badRequest, expired, StatusError } from '../status-error.js';
import type { Store } from '../store.js';
import { keyOf } from '../store.js';
import { parseFieldSelector } from './field-selector.js';
import { parseLabelSelector } from './label-selector.js';

export interface Selection {
  readonly type: ResourceType;
  readonly namespace: string;
  matches(object: KubeObject): boolean;
}

export interface ObjectPage {
  readonly objects: readonly KubeObject[];
  readonly metadata: JsonObject;
}

interface Token {
  readonly version: number;
  readonly after: string;
}

const TOO_OLD =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** The selectors of a query. @throws 400 */
export function parseSelection(
  place: { type: ResourceType; namespace: string; name?: string },
  query: URLSearchParams,
): Selection {
  const { type, namespace, name } = place;
  const byLabels = parseLabelSelector(query.get('labelSelector') ?? '');
  const byFields = parseFieldSelector(query.get('fieldSelector') ?? '', type);
  return {
    type,
    namespace,
    matches: (object) =>
      (!namespace || object.metadata.namespace === namespace) &&
      (!name || object.metadata.name === name) &&
      byLabels(object.metadata.labels ?? {}) &&
      byFields(object),
  };
}

/** One page of a list, as of the version that the query asks for. @throws 410 for a version that is forgotten, 504 for one to come. */
export function listObjects(store: Store, selection: Selection, query: URLSearchParams): ObjectPage {
  const token = parseToken(query.get('continue'));
  const version = token?.version ?? exactVersion(store, query) ?? store.version;
  if (version > store.version) throw tooLarge(version, store.version);
  if (store.isForgotten(version)) throw expired(token ? TOO_OLD : `too old resource version: ${version}`);
  const found = listAsOf(store, selection, version).filter((object) => selection.matches(object));
  const rest = token ? found.filter((object) => keyOf(object.metadata) > token.after) : found;
  return cutPage(rest, version, Number(query.get('limit') ?? 0));
}

function listAsOf(store: Store, { type, namespace }: Selection, version: number): KubeObject[] {
  const collection = qualifiedName(type);
  const current = store.list(collection, namespace || undefined);
  if (version === store.version) return current;
  const objects = new Map(current.map((object) => [keyOf(object.metadata), object]));
  for (const { object, previous } of store.since(collection, version).reverse()) {
    const key = keyOf(object.metadata);
    if (previous) objects.set(key, previous);
    else objects.delete(key);
  }
  return [...objects.keys()].sort().flatMap((key) => objects.get(key) ?? []);
}

function cutPage(rest: readonly KubeObject[], version: number, limit: number): ObjectPage {
  const resourceVersion = String(version);
  if (limit <= 0 || rest.length <= limit) return { objects: rest, metadata: { resourceVersion } };
  const objects = rest.slice(0, limit);
  const last = objects.at(-1);
  const token: Token = { version, after: last ? keyOf(last.metadata) : '' };
  const next = Buffer.from(JSON.stringify(token)).toString('base64url');
  return { objects, metadata: { resourceVersion, continue: next, remainingItemCount: rest.length - limit } };
}

function parseToken(text: string | null): Token | undefined {
  if (!text) return undefined;
  try {
    return JSON.parse(Buffer.from(text, 'base64url').toString()) as Token;
  } catch {
    throw badRequest('invalid continue token: continue key is not valid: it is no JSON');
  }
}

/** The version a list must show exactly; "not older than" is met by the newest. */
function exactVersion(store: Store, query: URLSearchParams): number | undefined {
  const asked = Number(query.get('resourceVersion') ?? 0);
  if (Number.isNaN(asked)) throw badRequest(`invalid resource version "${query.get('resourceVersion')}"`);
  return query.get('resourceVersionMatch') === 'Exact' || asked > store.version ? asked : undefined;
}

function tooLarge(version: number, current: number): StatusError {
  const cause = { reason: 'ResourceVersionTooLarge', message: 'Too large resource version' };
  return new StatusError(504, 'Timeout', `Timeout: Too large resource version: ${version}, current: ${current}`, {
    causes: [cause],
    retryAfterSeconds: 1,
  });
}
