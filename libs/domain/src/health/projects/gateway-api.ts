import type { Json, JsonObject, KubeObject } from '../../json/index.js';
import { isJsonObject } from '../../json/index.js';
import { denyConditions, needConditions } from '../conditions.js';
import { memberObject, memberText } from '../members.js';
import type { HealthVerdict } from '../verdict.js';
import { HEALTHY, progressing } from '../verdict.js';

/** Conditions that not everyone writes; where one is written it must be true. */
const WHERE_WRITTEN = ['ResolvedRefs', 'Programmed'];

/** A Gateway or ListenerSet counts when it and each of its listeners is accepted and programmed. */
export function assessGateway(object: KubeObject): HealthVerdict {
  const listeners = objectsOf(memberObject(object, 'status')['listeners']);
  return (
    firstBad([needConditions(object, ['Accepted', 'Programmed']), denyConditions(object, WHERE_WRITTEN)]) ??
    firstBad(listeners.map((listener) => denyConditions(about(object, listener), ['Accepted', ...WHERE_WRITTEN]))) ??
    HEALTHY
  );
}

/**
 * A route counts when every parent that it names has accepted it and found what it refers to. Answers of parents that it names
 * no longer stay in the status of some controllers and say nothing.
 */
export function assessRoute(object: KubeObject): HealthVerdict {
  const answers = objectsOf(memberObject(object, 'status')['parents']);
  const parents = objectsOf(memberObject(object, 'spec')['parentRefs']);
  if (answers.length === 0) return progressing('noParent', 'no gateway has answered yet');
  const answersTo = (parent: JsonObject): JsonObject[] =>
    answers.filter((answer) => parentKey(object, memberObject(answer, 'parentRef')) === parentKey(object, parent));
  const silent = parents.find((parent) => answersTo(parent).length === 0);
  if (silent !== undefined) return progressing('noParent', `${memberText(silent, 'name')} has not answered yet`);
  const judged = parents.length === 0 ? answers : parents.flatMap(answersTo);
  return firstBad(judged.map((answer) => assessAnswer(about(object, answer)))) ?? HEALTHY;
}

/** A policy counts when every ancestor that answered has accepted it. */
export function assessPolicy(object: KubeObject): HealthVerdict {
  const answers = objectsOf(memberObject(object, 'status')['ancestors']);
  if (answers.length === 0) return progressing('noAncestor', 'nothing that it is attached to has answered yet');
  return firstBad(answers.map((answer) => assessAnswer(about(object, answer)))) ?? HEALTHY;
}

function assessAnswer(object: KubeObject): HealthVerdict {
  return firstBad([needConditions(object, ['Accepted']), denyConditions(object, WHERE_WRITTEN)]) ?? HEALTHY;
}

function firstBad(verdicts: readonly HealthVerdict[]): HealthVerdict | undefined {
  return verdicts.find(({ health }) => health !== 'healthy');
}

/** The object as one of its parents, ancestors or listeners sees it. */
function about(object: KubeObject, status: JsonObject): KubeObject {
  return { ...object, status };
}

/** Left-out members mean: a Gateway, of the route's own namespace, the whole of it. */
function parentKey(object: KubeObject, parent: JsonObject): string {
  const kind = memberText(parent, 'kind') || 'Gateway';
  const namespace = memberText(parent, 'namespace') || object.metadata.namespace || '';
  const { port } = parent;
  const section = `${memberText(parent, 'sectionName')}:${typeof port === 'number' ? port : ''}`;
  return [kind, namespace, memberText(parent, 'name'), section].join('/');
}

function objectsOf(list: Json | undefined): JsonObject[] {
  return Array.isArray(list) ? (list as readonly Json[]).filter(isJsonObject) : [];
}
