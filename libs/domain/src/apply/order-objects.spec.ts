import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../json/index.js';
import { orderObjects, orderPlaces, placeOf } from './order-objects.js';

const object = (apiVersion: string, kind: string, phase?: string): KubeObject => ({
  apiVersion,
  kind,
  metadata: {
    name: kind.toLowerCase(),
    ...(phase === undefined ? {} : { annotations: { 'flotilla.dev/phase': phase } }),
  },
});

const ALL: readonly KubeObject[] = [
  object('v1', 'Namespace'),
  object('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
  object('v1', 'ServiceAccount'),
  object('v1', 'ConfigMap'),
  object('rbac.authorization.k8s.io/v1', 'Role'),
  object('rbac.authorization.k8s.io/v1', 'RoleBinding'),
  object('v1', 'Service'),
  object('apps/v1', 'Deployment'),
  object('x.io/v1', 'Thing'),
  object('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'),
];

describe('orderObjects', () => {
  it('puts what others refer to first and what guards requests last', () => {
    expect(orderObjects([...ALL].reverse()).map(({ kind }) => kind)).toEqual(ALL.map(({ kind }) => kind));
  });

  it('phases come before kinds, but namespaces and CRDs before every phase', () => {
    const ordered = orderObjects([
      object('v1', 'ConfigMap'),
      object('batch/v1', 'Job', '-1'),
      object('v1', 'Service', '2'),
      object('v1', 'Namespace'),
    ]);
    expect(ordered.map(({ kind }) => kind)).toEqual(['Namespace', 'Job', 'ConfigMap', 'Service']);
  });

  it('orders by name what stands at one place, and custom resources after the workloads that serve them', () => {
    const named = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
    expect(orderObjects([named('b'), named('c'), named('a')]).map(({ metadata }) => metadata.name)).toEqual([
      'a',
      'b',
      'c',
    ]);
    const operator = [object('a.example/v1', 'Thing'), object('apps/v1', 'Deployment')];
    expect(orderObjects(operator).map(({ kind }) => kind)).toEqual(['Deployment', 'Thing']);
  });

  it('ignores a phase that is no number', () => {
    expect(placeOf(object('v1', 'ConfigMap', 'soon')).phase).toBe(0);
  });

  it('law: is a permutation, sorted by place, whatever the order of its input', () => {
    const some = fc.shuffledSubarray([...ALL, object('v1', 'Secret', '-5'), object('batch/v1', 'Job', '3')]);
    fc.assert(
      fc.property(some, (objects) => {
        const ordered = orderObjects(objects);
        expect(new Set(ordered)).toEqual(new Set(objects));
        ordered
          .slice(1)
          .forEach((next, index) =>
            expect(orderPlaces(placeOf(ordered[index] as KubeObject), placeOf(next))).toBeLessThanOrEqual(0),
          );
        expect(orderObjects([...objects].reverse())).toEqual(ordered);
      }),
    );
  });
});
