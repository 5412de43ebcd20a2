import type { ApiClient } from './api-client.js';

/** Where API servers tell each other how far the store is compacted. */
const COMPACTED_KEY = 'compact_rev_key';

/**
 * Compacts etcd up to now, and notes it where the API server looks, as its own compaction does. Resource versions are
 * revisions of etcd, which serves its API as JSON too.
 */
export async function compactStore(client: ApiClient, etcdPort: number): Promise<void> {
  const { body } = await client.call('GET', '/api/v1/namespaces?limit=1');
  const revision = (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  await post(etcdPort, 'compaction', { revision });
  await post(etcdPort, 'put', { key: base64(COMPACTED_KEY), value: base64(revision) });
}

async function post(port: number, act: string, body: object): Promise<void> {
  const answer = await fetch(`http://127.0.0.1:${port}/v3/kv/${act}`, { method: 'POST', body: JSON.stringify(body) });
  const text = await answer.text();
  // What is compacted already cannot be compacted again, and need not.
  if (!answer.ok && !text.includes('compacted')) throw new Error(`etcd refused ${act}: ${answer.status} ${text}`);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
