import { createHmac } from 'node:crypto';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, until } from '@flotilla/testing';
import { expect, it } from 'vitest';
import { HubApi } from '../support/hub-api.js';
import { TestProcess } from '../support/process.js';
import { World } from '../support/world.js';

/** A second hub on the same database, with a disk of its own. */
async function startStandby(world: World): Promise<{ api: HubApi; hub: TestProcess }> {
  const [http, join_, agents] = [await freePort(), await freePort(), await freePort()];
  const folder = join(world.folder, 'standby');
  await mkdir(folder);
  const hub = TestProcess.start('standby', world.hubProgram, {
    ...world.hubEnv,
    FLOTILLA_DATA_DIR: folder,
    FLOTILLA_HUB_KEY_FILE: join(world.folder, 'hub', 'hub.key'),
    FLOTILLA_HTTP_LISTEN: `127.0.0.1:${http}`,
    FLOTILLA_JOIN_LISTEN: `127.0.0.1:${join_}`,
    FLOTILLA_AGENTS_LISTEN: `127.0.0.1:${agents}`,
  });
  const api = new HubApi(`http://127.0.0.1:${http}`, join(world.folder, 'hub', 'admin.token'));
  const role = async (): Promise<true | undefined> => {
    if (!hub.running) throw new Error(`the standby ended: ${hub.log}`);
    const answer = await fetch(`${api.url}/readyz`).catch(() => undefined);
    return answer?.ok === true && ((await answer.json()) as { role: string }).role === 'standby' ? true : undefined;
  };
  await until(role, 'the standby is ready', () => hub.log);
  return { api, hub };
}

/** Reads the live stream; everything that came is in `text`. */
async function listen(api: HubApi): Promise<{ text: string; ended: boolean; stop(): void }> {
  const abort = new AbortController();
  const headers = { authorization: `Bearer ${await api.token()}` };
  const response = await fetch(`${api.url}/api/v1/stream`, { headers, signal: abort.signal });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  const heard = { text: '', ended: false, stop: (): void => abort.abort() };
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>)
      heard.text += decoder.decode(chunk);
  };
  void read()
    .catch(() => undefined)
    .finally(() => (heard.ended = true));
  return heard;
}

it('who reaches a standby does not notice it, nor that the leader falls', async () => {
  const secretFile = join(await mkdtemp(join(tmpdir(), 'flotilla-webhook-')), 'secret');
  await writeFile(secretFile, 'correct horse');
  const signed = { FLOTILLA_WEBHOOK_SECRET_FILE: secretFile };
  await using world = await World.start({ files: { 'fleet/groups.yaml': group('a') }, hub: signed });
  const { api, hub } = await startStandby(world);
  await using _standby = hub;

  // Acts, reads, refusals and webhooks are the leader's.
  const made = await api.post<{ token: string }>('/tokens', { name: 'first', role: 'viewer' });
  expect(made.token).toMatch(/^flo_/);
  expect(await api.get('/summary')).toMatchObject({ hub: { role: 'leader' } });
  expect((await api.fetch('POST', '/tokens', { name: 'first', role: 'viewer' })).status).toBe(409);
  expect((await fetch(`${api.url}/api/v1/apps`)).status).toBe(401);
  expect([await webhook(api, 'correct horse'), await webhook(api, 'wrong')]).toEqual([200, 401]);

  const heard = await listen(api);
  await world.git.push('b', { 'fleet/groups.yaml': group('b') });
  await api.post('/webhooks/fleet');
  await until(
    async () => (heard.text.includes('"name":"fleet"') ? true : undefined),
    'the move is heard',
    () => heard.text,
  );

  // The leader is killed while somebody acts.
  const acts = [1, 2, 3].map(async (n) => {
    if (n === 2) await world.hub.kill();
    return api.fetch('POST', '/sources/fleet/refresh');
  });
  for (const answer of await Promise.all(acts)) expect(answer.status).toBe(200);
  await api.post('/tokens', { name: 'second', role: 'viewer' });

  // The listener of before hears what the new leader does.
  const before = heard.text.length;
  await world.git.push('c', { 'fleet/groups.yaml': group('c') });
  await api.post('/webhooks/fleet');
  const told = async (): Promise<true | undefined> =>
    heard.text.slice(before).includes('"name":"fleet"') ? true : undefined;
  await until(told, 'the listener hears the new leader', () => heard.text);
  expect(heard.ended).toBe(false);
  heard.stop();
  expect(await readFile(join(world.folder, 'hub', 'admin.token'), 'utf8')).toMatch(/^flo_/);
});

/** As GitHub calls. */
async function webhook(api: HubApi, secret: string): Promise<number> {
  const body = JSON.stringify({ ref: 'refs/heads/main', commits: [{ id: 'x' }] });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const headers = { 'content-type': 'application/json', 'x-hub-signature-256': `sha256=${signature}` };
  return (await fetch(`${api.url}/api/v1/webhooks/fleet`, { method: 'POST', headers, body })).status;
}

function group(tier: string): string {
  return `kind: ClusterGroup\nmetadata: {name: edge}\nspec: {selector: tier=${tier}}\n`;
}
