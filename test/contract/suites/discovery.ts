import { describe, expect, it } from 'vitest';
import { matching } from '../matchers.js';
import type { Suite } from '../suite-context.js';

interface GroupVersion {
  readonly resources: readonly {
    readonly resource: string;
    readonly scope: string;
    readonly responseKind: { readonly kind: string };
    readonly verbs: readonly string[];
    readonly subresources?: readonly { readonly subresource: string }[];
  }[];
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

export function describeDiscovery(suite: Suite): void {
  describe('discovery', () => {
    it('tells version and health', async () => {
      expect(await suite.client.get('/version')).toMatchObject({
        major: '1',
        gitVersion: matching(/^v1\./),
      });
      for (const path of ['/healthz', '/readyz', '/livez']) {
        expect(await suite.client.api.call('GET', path)).toMatchObject({ status: 200, body: 'ok' });
      }
    });

    it('lists groups and resources, one group version at a time', async () => {
      expect(await suite.client.get('/api')).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
      const groups = (await suite.client.get('/apis'))['groups'] as { name: string; preferredVersion: object }[];
      expect(groups.find(({ name }) => name === 'apps')).toMatchObject({
        preferredVersion: { groupVersion: 'apps/v1', version: 'v1' },
      });
      const { resources } = await suite.client.get('/apis/apps/v1');
      expect(resources).toContainEqual(
        expect.objectContaining({ name: 'deployments', namespaced: true, kind: 'Deployment', shortNames: ['deploy'] }),
      );
      expect(resources).toContainEqual(expect.objectContaining({ name: 'deployments/status', kind: 'Deployment' }));
      expect(resources).toContainEqual(expect.objectContaining({ name: 'deployments/scale', kind: 'Scale' }));
    });

    it('lists all of them at once to whom asks for the aggregated form', async () => {
      const { body, headers } = await suite.client.api.call('GET', '/apis', { headers: { accept: AGGREGATED } });
      expect(headers['content-type']).toContain('as=APIGroupDiscoveryList');
      const list = body as { kind: string; items: { metadata: { name: string }; versions: GroupVersion[] }[] };
      expect(list.kind).toBe('APIGroupDiscoveryList');
      const apps = list.items.find(({ metadata }) => metadata.name === 'apps');
      const deployments = apps?.versions[0]?.resources.find(({ resource }) => resource === 'deployments');
      expect(deployments).toMatchObject({ scope: 'Namespaced', responseKind: { kind: 'Deployment' } });
      expect(deployments?.verbs).toEqual(expect.arrayContaining(['create', 'delete', 'get', 'list', 'patch', 'watch']));
      expect(deployments?.subresources?.map(({ subresource }) => subresource).sort()).toEqual(['scale', 'status']);
    });

    it('publishes OpenAPI v3 per group version', async () => {
      const { body } = await suite.client.api.call('GET', '/openapi/v3');
      // The real one calls it text.
      const { paths } = (typeof body === 'string' ? JSON.parse(body) : body) as {
        paths: Record<string, { serverRelativeURL: string }>;
      };
      const document = await suite.client.get(paths['apis/apps/v1']?.serverRelativeURL ?? '');
      expect(Object.keys((document['components'] as { schemas: object }).schemas)).toContain(
        'io.k8s.api.apps.v1.Deployment',
      );
    });

    it('answers 404 for what it does not serve', async () => {
      expect(await suite.client.refused('GET', '/apis/none.example.com/v1/things')).toBe('404 page not found\n');
      expect((await suite.client.api.call('GET', '/apis/apps/v1/things')).status).toBe(404);
    });

    it('answers 401 without a credential it knows', async () => {
      const headers = { authorization: 'Bearer nobody' };
      const refusal = await suite.client.refused('GET', '/api/v1/namespaces', { headers });
      expect(refusal).toMatchObject({ kind: 'Status', code: 401, reason: 'Unauthorized' });
    });
  });
}
