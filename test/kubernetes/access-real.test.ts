import { ApiClient, startControlPlane } from '@flotilla/testing';
import type { ControlPlane } from '@flotilla/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { APPLY } from '../contract/contract-cluster.js';
import { eventually } from '../contract/eventually.js';

const RBAC = '/apis/rbac.authorization.k8s.io/v1/namespaces/default';
const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';

/** What service accounts of apps need: RBAC is the real one here, the embedded API has none. */
describe('access by RBAC', () => {
  let plane: ControlPlane;
  let admin: ApiClient;
  beforeAll(async () => {
    plane = await startControlPlane();
    admin = new ApiClient(plane);
  });
  afterAll(async () => {
    admin?.[Symbol.dispose]();
    await plane?.close();
  });

  /** Gives an account those verbs on ConfigMaps, and returns the headers to act as it. */
  async function impersonate(account: string, verbs: string[]): Promise<Record<string, string>> {
    const metadata = { name: account, namespace: 'default' };
    await admin.call('POST', '/api/v1/namespaces/default/serviceaccounts', { body: { metadata } });
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs }];
    await admin.call('POST', `${RBAC}/roles`, { body: { metadata, rules } });
    const subjects = [{ kind: 'ServiceAccount', name: account, namespace: 'default' }];
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: account };
    await admin.call('POST', `${RBAC}/rolebindings`, { body: { metadata, subjects, roleRef } });
    const headers = { 'impersonate-user': `system:serviceaccount:default:${account}` };
    // The authorizer reads roles from a cache.
    await eventually(async () => (await admin.call('GET', `${CONFIG_MAPS}?limit=1`, { headers })).status === 200);
    return headers;
  }

  const apply = (name: string, headers: Record<string, string>, manager = 'flotilla'): ReturnType<ApiClient['call']> =>
    admin.call('PATCH', `${CONFIG_MAPS}/${name}?fieldManager=${manager}`, {
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { by: manager } },
      contentType: APPLY,
      headers,
    });

  it('wants both patch and create for an apply that makes an object', async () => {
    const both = await impersonate('both', ['list', 'patch', 'create']);
    const patcher = await impersonate('patcher', ['list', 'patch']);
    const creator = await impersonate('creator', ['list', 'create']);
    expect(await apply('a', patcher)).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
    expect(await apply('a', creator)).toMatchObject({ status: 403, body: { reason: 'Forbidden' } });
    expect(await apply('a', both)).toMatchObject({ status: 201 });
    expect(await apply('a', patcher)).toMatchObject({ status: 200 });
  });

  it('knows users by the certificates of its own authority', async () => {
    const { cert, key } = await plane.issueClientCertificate('jane', ['viewers']);
    expect(cert).toContain('BEGIN CERTIFICATE');
    expect(key).toContain('PRIVATE KEY');
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
    using jane = new ApiClient({ ...plane, cert, key });
    const answer = await jane.call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { body });
    expect(answer.body).toMatchObject({
      status: { userInfo: { username: 'jane', groups: ['viewers', 'system:authenticated'] } },
    });
  });
});
