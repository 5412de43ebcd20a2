/**
 * Records what the real API server publishes about itself: its OpenAPI v3 documents, its aggregated discovery and its
 * version. The files beside this one are its output, unchanged but for gzip; run it again when the Kubernetes version moves.
 *
 *   npx tsx --conditions=source libs/testing/src/cluster-api/recorded/record.ts --server https://127.0.0.1:6443 --token T
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';
const here = fileURLToPath(new URL('.', import.meta.url));

const { values } = parseArgs({ options: { server: { type: 'string' }, token: { type: 'string' } } });
if (!values.server || !values.token) throw new Error('usage: record.ts --server URL --token TOKEN');

function get(path: string, accept = 'application/json'): Promise<Buffer> {
  const headers = { authorization: `Bearer ${values.token}`, accept };
  return new Promise((resolve, reject) => {
    // The recorder talks to a throw-away control plane on this machine with a self-signed certificate.
    const call = request(new URL(path, values.server), { headers, rejectUnauthorized: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks));
        else reject(new Error(`${path}: ${response.statusCode}`));
      });
    });
    call.on('error', reject).end();
  });
}

function save(name: string, content: Buffer): void {
  writeFileSync(here + name + '.gz', gzipSync(content, { level: 9 }));
}

const root = JSON.parse((await get('/openapi/v3')).toString()) as { paths: Record<string, unknown> };
const groupVersions = Object.keys(root.paths).filter((path) => /^(api\/v1|apis\/[^/]+\/[^/]+)$/.test(path));
rmSync(here + 'openapi', { recursive: true, force: true });
mkdirSync(here + 'openapi');
for (const path of groupVersions) save(`openapi/${path.replaceAll('/', '_')}.json`, await get(`/openapi/v3/${path}`));
const discovery = { api: await get('/api', AGGREGATED), apis: await get('/apis', AGGREGATED) };
save('discovery.json', Buffer.from(`{"api":${discovery.api.toString()},"apis":${discovery.apis.toString()}}`));
writeFileSync(here + 'version.json', await get('/version'));
process.stdout.write(`recorded ${groupVersions.length} group versions\n`);
