import type { Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { Address } from './config/index.js';

export interface HealthState {
  /** The Lease is held, and the stored desired state is loaded and reconciled. The hub is not needed for that. */
  ready(): boolean;
  connected(): boolean;
  metrics(): Promise<{ readonly contentType: string; readonly text: string }>;
}

/** Answers kubelet's probes and scrapes: alive is whoever answers, ready whoever reconciles. */
export async function startHealthServer({ host, port }: Address, state: HealthState): Promise<Server> {
  const server = createServer((request, response) => void answer(request.url ?? '', response, state));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.unref();
  return server;
}

async function answer(url: string, response: ServerResponse, state: HealthState): Promise<void> {
  if (url === '/metrics') {
    const { contentType, text } = await state.metrics();
    response.writeHead(200, { 'content-type': contentType }).end(text);
    return;
  }
  const known = url === '/healthz' || url === '/readyz';
  const good = url === '/healthz' || (known && state.ready());
  const body = JSON.stringify({ ready: state.ready(), connected: state.connected() });
  response.writeHead(good ? 200 : known ? 503 : 404, { 'content-type': 'application/json' }).end(`${body}\n`);
}
