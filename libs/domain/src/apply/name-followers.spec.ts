import { expect, it } from 'vitest';
import type { KubeObject } from '../json/index.js';
import { nameFollowers } from './name-followers.js';

const object = (kind: string, name: string, namespace?: string): KubeObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
});

it('names what a namespace and a CRD would take along, and what nobody could look at', () => {
  const namespace = { group: '', kind: 'Namespace', namespace: '', name: 'shop' };
  const crd = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition', namespace: '', name: 'things.x.io' };
  expect(nameFollowers(namespace, [], [])).toBe('');
  expect(nameFollowers(namespace, [object('Secret', 'b', 'shop'), object('ConfigMap', 'a', 'shop')], ['pods'])).toBe(
    'foreign objects would be deleted with it: ConfigMap a, Secret b; could not look for pods',
  );
  const many = Array.from({ length: 7 }, (_, index) => object('Thing', `t-${index}`, index === 0 ? undefined : 'n'));
  expect(nameFollowers(crd, many, [])).toBe(
    'live custom resources of its kind would be deleted with it: n/t-1, n/t-2, n/t-3, n/t-4, n/t-5 and 2 more',
  );
});
