import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { Address } from './config/index.js';

export interface HealthState {
  /** The stored desired state is loaded and reconciled; the hub is not needed for that. */
  ready(): boolean;
  connected(): boolean;
}

/** Answers kubelet's probes: alive is whoever answers, ready whoever reconciles. */
export async function startHealthServer({ host, port }: Address, state: HealthState): Promise<Server> {
  const server = createServer((request, response) => {
    const good = request.url === '/healthz' || (request.url === '/readyz' && state.ready());
    const body = JSON.stringify({ ready: state.ready(), connected: state.connected() });
    response.writeHead(good ? 200 : 503, { 'content-type': 'application/json' }).end(`${body}\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  server.unref();
  return server;
}
