import type { KubeObject, ObjectProblem, ObjectRef } from '@flotilla/domain';
import { groupOf, refOf } from '@flotilla/domain';
import type { AgentConfig } from './config/index.js';
import type { DesiredApp } from './reconcile/reconciler.port.js';

/** What the administrator of this cluster forbids every app. It is the agent's own configuration: no hub can lift it. */
export type LocalRules = Pick<AgentConfig, 'impersonateOnly' | 'forbidKinds' | 'forbidNamespaces'>;

/** Why an app is not applied here; empty when nothing forbids it. A removal is never forbidden. */
export function matchLocalRules(app: DesiredApp, rules: LocalRules): ObjectProblem[] {
  if (app.entry.life !== 'active') return [];
  const objects = app.objects.flatMap((object) => {
    const message = forbids(object, app, rules);
    return message === undefined ? [] : [problemOf(refOf(object), message)];
  });
  return [...accountProblems(app, rules), ...objects];
}

function accountProblems({ policy }: DesiredApp, { impersonateOnly }: LocalRules): ObjectProblem[] {
  if (!impersonateOnly || policy.serviceAccount !== '') return [];
  const ref: ObjectRef = { group: '', kind: 'ServiceAccount', namespace: policy.namespace, name: '' };
  return [problemOf(ref, 'this cluster accepts only apps with a service account (spec.serviceAccount)')];
}

function forbids(object: KubeObject, { policy }: DesiredApp, rules: LocalRules): string | undefined {
  const group = groupOf(object.apiVersion);
  const names = [object.kind, group === '' ? object.kind : `${object.kind}.${group}`];
  if (names.some((name) => rules.forbidKinds.includes(name))) return `this cluster forbids the kind ${object.kind}`;
  const namespace =
    object.kind === 'Namespace' && group === ''
      ? object.metadata.name
      : (object.metadata.namespace ?? policy.namespace);
  return rules.forbidNamespaces.includes(namespace)
    ? `this cluster forbids writes to the namespace ${namespace}`
    : undefined;
}

function problemOf(ref: ObjectRef, message: string): ObjectProblem {
  return { ref, code: 'forbiddenHere', message, summary: '' };
}
