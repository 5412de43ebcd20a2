import type { KubeObject } from '../json/index.js';
import { describe, expect, it } from 'vitest';
import { nameObstacles } from './name-obstacles.js';

const object = (kind: string, more: object = {}, finalizers: string[] = []): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name: 'x', finalizers },
  ...more,
});

const condition = (type: string, status: string, message: string): object => ({
  status: { conditions: [{ type, status, reason: 'r', message }] },
});

describe('nameObstacles', () => {
  it.each<[string, KubeObject, string]>([
    ['nothing', object('ConfigMap'), ''],
    ['finalizers', object('ConfigMap', {}, ['a.example/b', 'c']), 'finalizer a.example/b, c'],
    [
      'objects left in a namespace',
      object('Namespace', condition('NamespaceContentRemaining', 'True', 'pods. has 1 resource instances')),
      'foreign or remaining objects: pods. has 1 resource instances',
    ],
    [
      'finalizers in a namespace',
      object('Namespace', condition('NamespaceFinalizersRemaining', 'True', 'a/b in 1 resource instances')),
      'finalizers of its objects: a/b in 1 resource instances',
    ],
    ['a namespace that goes', object('Namespace', condition('NamespaceContentRemaining', 'False', 'fine')), ''],
    [
      'live instances of a CRD',
      object(
        'CustomResourceDefinition',
        { apiVersion: 'apiextensions.k8s.io/v1', ...condition('Terminating', 'True', 'instances remain') },
        ['customresourcecleanup.apiextensions.k8s.io', 'x/y'],
      ),
      'live custom resources of its kind (instances remain); finalizer x/y',
    ],
  ])('%s', (_name, given, said) => expect(nameObstacles(given)).toBe(said));
});
