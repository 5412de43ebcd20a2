import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../json/index.js';
import type { RbacApp } from './plan-rbac.js';
import { planRbac } from './plan-rbac.js';

const of = (apiVersion: string, kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: namespace === undefined ? { name } : { name, namespace },
});
const web: RbacApp = {
  app: 'web',
  namespace: 'web',
  serviceAccount: 'deployer',
  objects: [
    of('v1', 'ConfigMap', 'a'),
    of('apps/v1', 'Deployment', 'web'),
    of('v1', 'ConfigMap', 'b', 'shared'),
    of('v1', 'Namespace', 'web'),
  ],
};

interface Rule {
  apiGroups?: string[];
  resources?: string[];
  resourceNames?: string[];
  verbs: string[];
}

interface Request {
  readonly account: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** RBAC as the API server does it: some binding of the account leads to a rule that allows it. */
function allows(objects: readonly KubeObject[], request: Request): boolean {
  return objects.some((binding) => {
    const { subjects, roleRef } = binding as unknown as {
      subjects?: { name: string; namespace: string }[];
      roleRef: { name: string };
    };
    if (!subjects?.some(({ name, namespace }) => `${namespace}/${name}` === request.account)) return false;
    const place = binding.metadata.namespace;
    if (place !== undefined && place !== request.namespace) return false;
    const role = objects.find(
      ({ kind, metadata }) => /Role$/.test(kind) && metadata.name === roleRef.name && metadata.namespace === place,
    );
    return ((role?.['rules'] ?? []) as unknown as Rule[]).some((rule) => ruleAllows(rule, request));
  });
}

function ruleAllows(
  { apiGroups, resources, resourceNames, verbs }: Rule,
  { verb, group, resource, name }: Request,
): boolean {
  const named = resourceNames === undefined || resourceNames.includes(name);
  return named && verbs.includes(verb) && apiGroups?.includes(group) === true && resources?.includes(resource) === true;
}

const may = (objects: readonly KubeObject[], account: string, text: string): boolean => {
  const [verb = '', what = '', namespace = '', name = ''] = text.split(' ');
  const [resource = '', ...group] = what.split('.');
  return allows(objects, {
    account,
    verb,
    group: group.join('.'),
    resource,
    namespace: namespace === '-' ? '' : namespace,
    name,
  });
};

describe('planRbac', () => {
  it('gives an account what its apps hold, where they hold it, and no more', () => {
    const { objects } = planRbac([web], { namespace: 'flotilla-system' });
    const yes = [
      'patch configmaps web a',
      'create configmaps web a',
      'delete deployments.apps web web',
      'update deployments.apps web web',
      'get configmaps shared b',
      'create namespaces - x',
      'delete namespaces - web',
    ];
    const no = [
      'patch configmaps default a',
      'patch secrets web a',
      'delete namespaces - kube-system',
      'list configmaps web',
    ];
    for (const text of yes) expect([text, may(objects, 'web/deployer', text)]).toEqual([text, true]);
    for (const text of no) expect([text, may(objects, 'web/deployer', text)]).toEqual([text, false]);
  });

  it('lets the agent watch, be those accounts, and keep its own objects: it writes nothing of an app', () => {
    const { objects } = planRbac([web], { namespace: 'flotilla-system' });
    const yes = [
      'watch configmaps - ',
      'watch deployments.apps web',
      'impersonate serviceaccounts web deployer',
      'patch secrets flotilla-system x',
      'update leases.coordination.k8s.io flotilla-system l',
      'list pods web',
      'get namespaces - kube-system',
    ];
    const no = [
      'patch configmaps web a',
      'create deployments.apps web web',
      'impersonate serviceaccounts web other',
      'impersonate serviceaccounts shared deployer',
      'get secrets web x',
      'watch secrets - ',
      'get namespaces - web',
    ];
    for (const text of yes) expect([text, may(objects, 'flotilla-system/flotilla-agent', text)]).toEqual([text, true]);
    for (const text of no) expect([text, may(objects, 'flotilla-system/flotilla-agent', text)]).toEqual([text, false]);
  });

  it('names what it could not do: apps without account, apps that give rights, plurals that are guesses', () => {
    const bare: RbacApp = { ...web, app: 'bare', serviceAccount: '' };
    const giver: RbacApp = {
      ...web,
      app: 'giver',
      objects: [
        of('rbac.authorization.k8s.io/v1', 'Role', 'x'),
        of('acme.io/v1', 'Policy', 'x'),
        of('gateway.acme.io/v1', 'Gateway', 'x'),
      ],
    };
    const plan = planRbac([bare, giver], { namespace: 'flotilla-system' });
    expect(plan).toMatchObject({
      withoutAccount: ['bare'],
      grantors: ['giver'],
      guessed: ['Gateway.gateway.acme.io → gateways', 'Policy.acme.io → policies'],
    });
  });

  it('takes names from CRDs among the objects, and from the cluster before that', () => {
    const names = { group: 'acme.io', scope: 'Cluster', names: { kind: 'Thing', plural: 'thingies' } };
    const crd = { ...of('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'thingies.acme.io'), spec: names };
    const app: RbacApp = { ...web, objects: [crd, of('acme.io/v1', 'Thing', 'one')] };
    const defined = planRbac([app], { namespace: 'flotilla-system' });
    expect(defined.guessed).toEqual([]);
    expect(may(defined.objects, 'web/deployer', 'patch thingies.acme.io - one')).toBe(true);
    const served = planRbac([app], {
      namespace: 'flotilla-system',
      namesOf: () => ({ resource: 'served', namespaced: true }),
    });
    expect(may(served.objects, 'web/deployer', 'patch served.acme.io web one')).toBe(true);
  });

  it('law: every object can be read, made, changed and deleted by its account, watched by the agent, and by nobody else', () => {
    const kinds = fc.constantFrom(
      ['v1', 'ConfigMap', 'configmaps'] as const,
      ['apps/v1', 'Deployment', 'deployments.apps'] as const,
    );
    const held = fc.record({
      kind: kinds,
      name: fc.constantFrom('a', 'b'),
      namespace: fc.constantFrom(undefined, 'x', 'y'),
    });
    const app = fc.record({
      app: fc.constantFrom('one', 'two'),
      namespace: fc.constantFrom('x', 'y'),
      serviceAccount: fc.constantFrom('p', 'q'),
      held: fc.array(held, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(fc.array(app, { maxLength: 3 }), (apps) => {
        const given = apps.map(({ held: list, ...rest }) => ({
          ...rest,
          objects: list.map(({ kind, name, namespace }) => of(kind[0], kind[1], name, namespace)),
        }));
        const { objects } = planRbac(given, { namespace: 'sys' });
        const keys = objects.map(({ kind, metadata }) => `${kind}/${metadata.namespace ?? ''}/${metadata.name}`);
        expect(new Set(keys).size).toBe(keys.length);
        for (const { namespace, serviceAccount, held: list } of apps) {
          for (const { kind, name, namespace: own } of list) {
            const place = `${kind[2]} ${own ?? namespace} ${name}`;
            for (const verb of ['get', 'create', 'patch', 'delete']) {
              expect(may(objects, `${namespace}/${serviceAccount}`, `${verb} ${place}`)).toBe(true);
              expect(may(objects, 'sys/flotilla-agent', `${verb} ${place}`)).toBe(false);
            }
            expect(may(objects, 'sys/flotilla-agent', `watch ${place}`)).toBe(true);
          }
        }
      }),
    );
  });
});
