import type { OpenCall, Verb } from '../access/api-call.js';
import type { ApiCall } from '../access/api-call.js';
import { actingUser } from '../access/api-call.js';
import type { Users } from '../access/users.js';
import type { JsonObject } from '../json.js';
import { isObject, objectAt, stringAt } from '../json.js';
import { timestamp } from '../json.js';
import type { ObjectRemover } from '../resources/object-remover.js';
import type { ObjectWriter } from '../resources/object-writer.js';
import type { ApiRequest } from './api-request.js';
import { contentType, decodeText, readBody } from './read-body.js';
import type { Target } from './route.js';

export interface ReviewParts {
  readonly users: Users;
  readonly writer: ObjectWriter;
  readonly remover: ObjectRemover;
  authorize?(call: ApiCall): string | undefined;
}

type Review = (body: JsonObject, api: ApiRequest, parts: ReviewParts) => JsonObject;

const REVIEWS: Readonly<Record<string, Review>> = {
  selfsubjectaccessreviews: (body, api, parts) =>
    reviewAccess(body, { user: actingUser(api.call), groups: api.call.groups }, parts),
  subjectaccessreviews: (body, _api, parts) => reviewAccess(body, subjectOf(body), parts),
  localsubjectaccessreviews: (body, _api, parts) => reviewAccess(body, subjectOf(body), parts),
  selfsubjectreviews: (_body, api) => ({ userInfo: { username: actingUser(api.call), groups: [...api.call.groups] } }),
  selfsubjectrulesreviews: (_body, _api, parts) => listRules('authorize' in parts),
  tokenreviews: (body, _api, { users }) => {
    const user = users.withToken(stringAt(body, 'spec', 'token'));
    return user
      ? { authenticated: true, user: { username: user.name, groups: [...user.groups] } }
      : { authenticated: false };
  },
};

/** Questions that are asked by creating an object, and subresources that act. @returns whether it was one. */
export async function handleReview(api: ApiRequest, target: Target, parts: ReviewParts): Promise<boolean> {
  const { subresource, type } = target;
  const review = target.name === '' ? REVIEWS[type.plural] : undefined;
  const acts = subresource === 'token' || subresource === 'eviction';
  if (api.call.verb !== 'create' || (!review && !acts)) return false;
  const body = decodeText(await readBody(api.request), contentType(api.request));
  const object = isObject(body) ? body : {};
  const answer = review
    ? { ...object, metadata: objectAt(object, 'metadata'), status: review(object, api, parts) }
    : act(target, object, parts);
  api.json(201, answer);
  return true;
}

/** Everything, unless a test decides call by call: then nobody can list it. */
function listRules(isDecided: boolean): JsonObject {
  if (isDecided) return { resourceRules: [], nonResourceRules: [], incomplete: true };
  const all = ['*'];
  return {
    resourceRules: [{ verbs: all, apiGroups: all, resources: all }],
    nonResourceRules: [{ verbs: all, nonResourceURLs: all }],
    incomplete: false,
  };
}

function subjectOf(body: JsonObject): { user: string; groups: readonly string[] } {
  const groups = objectAt(body, 'spec').groups;
  return { user: stringAt(body, 'spec', 'user'), groups: Array.isArray(groups) ? (groups as string[]) : [] };
}

function reviewAccess(
  body: JsonObject,
  who: { user: string; groups: readonly string[] },
  parts: ReviewParts,
): JsonObject {
  const why = parts.authorize?.(describe(body, who));
  return why === undefined ? { allowed: true } : { allowed: false, ...(why ? { reason: why } : {}) };
}

/** The call that is asked about, as if it were made. */
function describe(body: JsonObject, who: { user: string; groups: readonly string[] }): OpenCall {
  const resource = objectAt(body, 'spec', 'resourceAttributes');
  const text = (key: string): string => stringAt(resource, key);
  return {
    ...{ at: Date.now(), method: '', path: stringAt(body, 'spec', 'nonResourceAttributes', 'path'), query: '' },
    ...{ verb: text('verb') as Verb, group: text('group'), version: text('version'), resource: text('resource') },
    ...{ subresource: text('subresource'), namespace: text('namespace'), name: text('name') },
    ...{ impersonated: '', userAgent: '', contentType: '', dryRun: false, status: 0, ...who },
  };
}

function act(target: Target, body: JsonObject, { users, writer, remover }: ReviewParts): JsonObject {
  const { namespace, name } = target;
  const object = writer.get(target);
  if (target.subresource === 'eviction') {
    remover.remove(target);
    return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  }
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  const token = users.add({ name: `system:serviceaccount:${namespace}:${name}`, groups });
  const seconds = Number(objectAt(body, 'spec').expirationSeconds ?? 3600);
  const status = { token, expirationTimestamp: timestamp(Date.now() + seconds * 1000) };
  return { ...body, metadata: { name, namespace, creationTimestamp: object.metadata.creationTimestamp }, status };
}
