import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../json/index.js';
import { filledPathsOf } from './ignore-paths.js';

const INJECT = { 'cert-manager.io/inject-ca-from': 'shop/serving' };
const hook = { name: 'a.example', clientConfig: { caBundle: 'Cg==' } };

describe('filledPathsOf', () => {
  it.each<[string, KubeObject, string[]]>([
    [
      'rules of an aggregated ClusterRole',
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'a' }, aggregationRule: {} },
      ['/rules'],
    ],
    [
      'nothing of another ClusterRole',
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'a' }, rules: [] },
      [],
    ],
    [
      'injected bundles that are written',
      {
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: 'MutatingWebhookConfiguration',
        metadata: { name: 'a', annotations: INJECT },
        webhooks: [hook, { name: 'b.example', clientConfig: {} }, hook],
      },
      ['/webhooks/0/clientConfig/caBundle', '/webhooks/2/clientConfig/caBundle'],
    ],
    [
      'nothing where nobody injects',
      {
        apiVersion: 'apiregistration.k8s.io/v1',
        kind: 'APIService',
        metadata: { name: 'a' },
        spec: { caBundle: 'Cg==' },
      },
      [],
    ],
  ])('%s', (_, object, paths) => {
    expect(filledPathsOf(object)).toEqual(paths);
  });
});
