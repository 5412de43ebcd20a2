import { expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { joinManifest } from './join-manifest.js';

interface Deployment {
  spec: { template: { spec: { containers: { env: object[] }[] } } };
}

it('is YAML for kubectl: namespace first, token in a Secret only, cluster-admin said aloud', () => {
  const text = joinManifest(
    { clusterName: 'eu-1', token: 'flt1.a.b.c', joinAddress: 'hub.acme.example:8443' },
    { image: 'agent:1' },
  );
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Record<string, unknown>);
  expect(objects.map(({ kind }) => kind)).toEqual([
    'Namespace',
    'ServiceAccount',
    'ClusterRoleBinding',
    'Secret',
    'Deployment',
  ]);
  expect(text).toContain('# The agent is cluster-admin here');
  expect(text.match(/flt1\.a\.b\.c/g)).toHaveLength(1);
  const [container] = (objects[4] as unknown as Deployment).spec.template.spec.containers;
  expect(container?.env).toContainEqual({ name: 'FLOTILLA_AGENT_JOIN_ADDRESS', value: 'hub.acme.example:8443' });
});

it('leaves rights to `flotilla agent rbac` when told so', () => {
  const join = { clusterName: 'eu-1', token: 'flt1.a.b.c', joinAddress: 'hub.acme.example:8443' };
  const text = joinManifest(join, { image: 'registry.acme.example/agent:2', rbac: 'generated' });
  const objects = parseAllDocuments(text).map((document) => document.toJS() as Record<string, unknown>);
  expect(objects.map(({ kind }) => kind)).toEqual(['Namespace', 'Secret', 'Deployment']);
  expect(text).not.toContain('cluster-admin');
  const [container] = (objects[2] as unknown as Deployment).spec.template.spec.containers;
  expect(container).toMatchObject({
    image: 'registry.acme.example/agent:2',
    readinessProbe: { httpGet: { path: '/readyz' } },
  });
  expect(container?.env).toContainEqual({ name: 'FLOTILLA_AGENT_IMPERSONATE_ONLY', value: 'true' });
});
