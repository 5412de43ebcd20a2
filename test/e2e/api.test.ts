import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '@flotilla/testing';
import { configApp, configMap } from '../support/fleet-files.js';
import type { Page } from '../support/hub-api.js';
import { ApiDescription } from '../support/api-description.js';
import { World } from '../support/world.js';

type Role = 'viewer' | 'operator' | 'admin';
const ROLES: readonly Role[] = ['viewer', 'operator', 'admin'];

/** Least role of every route that is not for every viewer. A writing route that is missing here fails the test. */
const LEAST: Readonly<Record<string, Role>> = {
  listAudit: 'operator',
  refreshSources: 'operator',
  refreshSource: 'operator',
  webhook: 'operator',
  suspendCluster: 'operator',
  resumeCluster: 'operator',
  actOnRollout: 'operator',
  joinCluster: 'admin',
  rejoinCluster: 'admin',
  removeCluster: 'admin',
  revokeCluster: 'admin',
  labelCluster: 'admin',
  listTokens: 'admin',
  createToken: 'admin',
  revokeToken: 'admin',
  listJoinTokens: 'admin',
  revokeJoinToken: 'admin',
};
const PUBLIC = new Set(['healthz', 'readyz', 'getVersion']);
const METHODS = ['get', 'put', 'post', 'delete', 'patch'] as const;

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
}

interface Operation {
  readonly operationId?: string;
  readonly summary?: string;
  readonly parameters?: readonly Parameter[];
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema?: { $ref?: string } }> }>>;
}

interface Description {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

interface Route {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

let world: World;
let description: Description;
let routes: Route[];
const tokens: Partial<Record<Role, string>> = {};

beforeAll(async () => {
  world = await World.start({
    files: {
      ...configApp('one', { A: '1' }),
      ...configApp('two', { A: '1' }, '{targets: [{selector: region=eu}], createNamespace: true}'),
      ...configApp('three', { A: '1' }),
      'bad/flotilla.yaml': 'kind: App\nmetadata: {name: bad}\nspec: {targts: [{all: true}], sorce: {path: x}}\n',
    },
  });
  await Promise.all([world.join('eu-1', { region: 'eu' }), world.join('us-1', { region: 'us' })]);
  await Promise.all(['one', 'three'].map((app) => world.healthy(app, 1, { targets: 2 })));
  await world.healthy('two', 1);
  await world.push('second', { 'one/config.yaml': configMap('one', { A: '2' }) });
  await world.healthy('one', 2);
  for (const role of ROLES) {
    const made = await world.api.post<{ token: string }>('/tokens', { name: `test-${role}`, role, expiresIn: '1h' });
    tokens[role] = made.token;
  }
  description = (await (await fetch(`${world.api.url}/api/openapi.json`)).json()) as Description;
  routes = Object.entries(description.paths).flatMap(([path, item]) =>
    METHODS.flatMap((method) => {
      const operation = item[method];
      return operation ? [{ id: operation.operationId ?? '', method: method.toUpperCase(), path, operation }] : [];
    }),
  );
});

afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

function call(method: string, path: string, token?: string): Promise<Response> {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => (name === 'act' ? 'pause' : 'nobody'));
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(`${world.api.url}${filled}`, { method, headers });
}

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const body = (await response.json()) as Record<string, unknown>;
  expect(body).toMatchObject({ status: response.status, type: `urn:flotilla:fault:${String(body['code'])}` });
  expect(body['title']).not.toBe('');
  expect(body['detail']).not.toBe('');
  return body;
}

describe('roles', () => {
  const least = ({ id }: Route): Role => LEAST[id] ?? 'viewer';

  it('are known for every route that changes something', () => {
    expect(routes.filter(({ method, id }) => method !== 'GET' && LEAST[id] === undefined)).toEqual([]);
    const known = new Set(routes.map(({ id }) => id));
    expect(Object.keys(LEAST).filter((id) => !known.has(id))).toEqual([]);
  });

  it('nobody gets in without a token, or with a wrong one', async () => {
    for (const { id, method, path } of routes.filter((route) => !PUBLIC.has(route.id))) {
      for (const token of [undefined, 'flt_wrong', `${tokens.viewer}x`]) {
        const response = await call(method, path, token);
        expect(response.status, id).toBe(401);
        expect(response.headers.get('www-authenticate')).toBe('Bearer');
        expect(await problemOf(response)).toMatchObject({ code: 'unauthenticated' });
      }
    }
  });

  it('one role below the least is refused, on every route', async () => {
    for (const route of routes.filter(({ id }) => LEAST[id] !== undefined)) {
      const below = ROLES[ROLES.indexOf(least(route)) - 1] ?? 'viewer';
      const response = await call(route.method, route.path, tokens[below]);
      expect(response.status, route.id).toBe(403);
      const problem = await problemOf(response);
      expect(problem).toMatchObject({ code: 'forbidden', detail: expect.stringContaining(least(route)) as string });
    }
  });

  it('the least role is enough, on every route', async () => {
    for (const route of routes.filter(({ id }) => id !== 'streamChanges')) {
      const response = await call(route.method, route.path, tokens[least(route)]);
      expect([401, 403, 500, 501], `${route.id}: ${response.status}`).not.toContain(response.status);
      if (response.status >= 400) await problemOf(response);
    }
  });

  it('acts that delete need an admin', async () => {
    const act = (role: Role): Promise<Response> =>
      call('POST', '/api/v1/apps/one/rollout/acts/approveRemoval'.replace('{act}', 'approveRemoval'), tokens[role]);
    expect((await act('operator')).status).toBe(403);
    expect((await act('admin')).status).toBe(409);
  });

  it('a revoked token is out within seconds', async () => {
    const { id, token } = await world.api.post<{ id: string; token: string }>('/tokens', {
      name: 'gone',
      role: 'viewer',
    });
    expect((await call('GET', '/api/v1/whoami', token)).status).toBe(200);
    await world.api.fetch('DELETE', `/tokens/${id}`);
    await until(
      async () => ((await call('GET', '/api/v1/whoami', token)).status === 401 ? true : undefined),
      'the token is refused',
    );
  });
});

describe('failures', () => {
  it.each([
    ['GET', '/apps/nothing', 404, 'notFound'],
    ['GET', '/nowhere', 404, 'notFound'],
    ['GET', '/clusters?limit=0', 400, 'badInput'],
    ['GET', '/clusters?limit=1001', 400, 'badInput'],
    ['GET', '/clusters?after=!!', 400, 'badInput'],
    ['GET', '/clusters?selector=a%20in', 400, 'badInput'],
    ['POST', '/clusters/Not%20A%20Name/join', 400, 'badInput'],
    ['POST', '/apps/one/rollout/acts/explode', 400, 'badInput'],
    ['POST', '/apps/one/rollout/acts/approve', 409, 'notApplicable'],
  ])('%s %s is %i', async (method, path, status, code) => {
    const response = await world.api.fetch(method, path, method === 'POST' ? {} : undefined);
    expect(response.status).toBe(status);
    expect(await problemOf(response)).toMatchObject({ code });
  });

  it.each([
    ['GET', '/apps/a%00b', 400],
    ['GET', '/apps/%ff', 400],
    ['GET', `/apps/${'x'.repeat(1_000)}`, 414],
    ['GET', '/targets?app=%00', 400],
    ['GET', '/releases?after=eA', 400],
    ['GET', '/events?after=OTk5OTk5OTk5OTk5OTk5OTk5OTk5', 400],
    ['GET', '/apps?after=AA', 400],
    ['GET', '/apps/one/releases/99999999999999999999', 400],
    ['GET', '/apps/one/rollout?release=99999999999', 400],
    ['POST', '/clusters/eu-1/suspend', 400, { reason: 'a\u0000b' }],
    ['POST', '/clusters/eu-1/labels', 400, { labels: { a: 'b\u0000' } }],
    ['POST', '/clusters/new/join', 201, { labels: null, dryRun: true }],
  ] as const)('%s %s with what nobody can mean is %i', async (method, path, status, body?: object) => {
    const response = await world.api.fetch(method, path, body);
    expect(response.status).toBe(status);
    if (status >= 400) expect((await problemOf(response)).code).toBe('badInput');
  });

  it('bad fields are named, all at once', async () => {
    const response = await world.api.fetch('POST', '/tokens', { name: 'Bad Name', role: 'king' });
    const { errors } = await problemOf(response);
    expect(errors).toEqual(expect.arrayContaining([expect.stringMatching(/name/), expect.stringMatching(/role/)]));
  });

  it('a broken body is a problem of the caller', async () => {
    const headers = { authorization: `Bearer ${tokens.admin}`, 'content-type': 'application/json' };
    const response = await fetch(`${world.api.url}/api/v1/tokens`, { method: 'POST', headers, body: '{"name":' });
    expect(response.status).toBe(400);
    await problemOf(response);
  });
});

describe('lists', () => {
  const LISTS = ['clusters', 'apps', 'releases', 'targets', 'versions', 'problems', 'events', 'audit', 'rollouts'];

  it.each(LISTS)('%s is walked page by page without loss or repetition', async (name) => {
    const [one = []] = [await world.api.items<object>(`/${name}`)];
    expect(one.length, name).toBeGreaterThan(1);
    const walked: object[] = [];
    let next: string | null = null;
    do {
      const after: string = next === null ? '' : `&after=${next}`;
      const page: Page<object> = await world.api.get<Page<object>>(`/${name}?limit=1${after}`);
      expect(page.items.length).toBeLessThanOrEqual(1);
      walked.push(...page.items);
      next = page.next;
    } while (next !== null && walked.length < 200);
    // What is written while it is read may add rows at the front of the newest-first ones, never elsewhere.
    expect(walked.map(keyOf)).toEqual(one.map(keyOf));
  });

  it.each(['sources', 'tokens', 'approvals', 'removals'])('%s comes whole', async (name) => {
    const page = await world.api.get<Page<object>>(`/${name}`);
    expect(page.next).toBeNull();
    expect(Array.isArray(page.items)).toBe(true);
  });

  it('selectors choose by label', async () => {
    const names = async (path: string): Promise<string[]> =>
      (await world.api.items<{ name: string }>(path)).map(({ name }) => name).sort();
    expect(await names('/clusters?selector=region%3Deu')).toEqual(['eu-1']);
    expect(await names('/clusters?selector=region%20in%20(eu,us)')).toEqual(['eu-1', 'us-1']);
    expect(await names('/clusters?selector=region!%3Deu')).toEqual(['us-1']);
    expect(await names('/clusters?selector=region%3Dasia')).toEqual([]);
    const targets = await world.api.items<{ app: string; cluster: string }>('/targets?selector=region%3Dus');
    expect(targets.map(({ app, cluster }) => `${app}/${cluster}`).sort()).toEqual(['one/us-1', 'three/us-1']);
  });
});

function keyOf(item: object): string {
  const { reportedAt, observedAt, lastSeenAt, checkedAt, ...stable } = item as Record<string, unknown>;
  expect([reportedAt, observedAt, lastSeenAt, checkedAt]).toBeDefined();
  return JSON.stringify(stable);
}

describe('the stream', () => {
  it('tells of a change while it happens, and only of what was asked for', async () => {
    const abort = new AbortController();
    const headers = { authorization: `Bearer ${tokens.viewer}`, accept: 'text/event-stream' };
    const response = await fetch(`${world.api.url}/api/v1/stream?app=three`, { headers, signal: abort.signal });
    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/);
    let text = '';
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const reading = (async () => {
      for (let chunk = await reader?.read(); chunk && !chunk.done; chunk = await reader?.read()) text += chunk.value;
    })().catch(() => undefined);
    await until(
      async () => (text.includes('event: open') ? true : undefined),
      'the stream is open',
      () => text,
    );
    await world.push('third', {
      'one/config.yaml': configMap('one', { A: '3' }),
      'three/config.yaml': configMap('three', { A: '3' }),
    });
    await until(
      async () => (/"app":"three"/.test(text) ? true : undefined),
      'the change is told',
      () => text,
    );
    await Promise.all([world.healthy('three', 2), world.healthy('one', 3)]);
    abort.abort();
    await reading;
    expect(text).not.toContain('"app":"one"');
    for (const line of text.split('\n').filter((found) => found.startsWith('data: '))) JSON.parse(line.slice(6));
  });
});

describe('the description', () => {
  it('is OpenAPI 3.1, and complete', () => {
    expect(description.openapi).toMatch(/^3\.1\./);
    expect(description.info.title).toBe('Flotilla');
    const ids = routes.map(({ id }) => id);
    expect(ids.filter((id) => id === '')).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, path, operation } of routes) {
      expect(
        Object.keys(operation.responses).some((code) => code.startsWith('2')),
        id,
      ).toBe(true);
      expect(operation.summary, id).toBeTruthy();
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
      const declared = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      expect(declared.map(({ name }) => name).sort(), id).toEqual(named);
      expect(
        declared.every(({ required }) => required === true),
        id,
      ).toBe(true);
    }
  });

  it('refers only to what it has', () => {
    const refs = new Set([...JSON.stringify(description).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref ?? ''));
    expect(refs.size).toBeGreaterThan(10);
    for (const ref of refs) {
      expect(ref).toMatch(/^#\//);
      const found = ref
        .slice(2)
        .split('/')
        .reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], description);
      expect(found, ref).toBeDefined();
    }
  });

  it('is true: every answer of every route that reads is as described, and nothing in it is untold', async () => {
    const names = { app: 'one', cluster: 'eu-1', source: 'fleet', number: '1', from: '1', to: '2', field: 'data.A' };
    const served = await ApiDescription.load(world.api);
    const { wrong, status } = await served.checkReads(names);
    expect(wrong).toEqual([]);
    expect(Object.entries(status).filter(([, code]) => code !== 200)).toEqual([]);
    expect(Object.keys(status).length).toBeGreaterThan(25);
    expect((await served.checkReads({ number: '1', from: '1', to: '2' })).wrong).toEqual([]);
  });

  it('is served for people', async () => {
    expect((await fetch(`${world.api.url}/api/docs`)).headers.get('content-type')).toMatch(/text\/html/);
  });
});

describe('operations', () => {
  it('says that it lives, is ready, and what it counts', async () => {
    expect(await (await call('GET', '/healthz')).json()).toEqual({ status: 'ok' });
    expect(await (await call('GET', '/readyz')).json()).toEqual({ status: 'ok', role: 'leader' });
    const metrics = await (await call('GET', '/metrics')).text();
    expect(metrics).toMatch(/^flotilla_leader 1$/m);
    expect(metrics).toMatch(/^flotilla_clusters\{state="connected"\} 2$/m);
    expect(metrics).toMatch(/^flotilla_targets\{state="healthy"\} 5$/m);
    expect(metrics).toMatch(/^process_resident_memory_bytes \d+/m);
  });

  it('keeps the first admin token in a file for its owner, and out of the log', async () => {
    const { mode } = await stat(join(world.folder, 'hub', 'admin.token'));
    expect((mode & 0o777).toString(8)).toBe('600');
    const secrets = [await world.api.token(), ...ROLES.map((role) => tokens[role] ?? '')];
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(20);
      expect(world.hub.log.includes(secret)).toBe(false);
    }
    const { token } = await world.api.post<{ token: string }>('/clusters/later/join');
    expect(world.hub.log.includes(token)).toBe(false);
  });
});
