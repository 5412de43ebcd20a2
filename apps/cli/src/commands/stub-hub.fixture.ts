import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../config/environment.js';
import { runCli } from '../run-cli.js';

export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Answers as a hub whose state is given: by path, anything else is not found. */
export interface StubHub extends AsyncDisposable {
  readonly asked: string[];
  run(...args: readonly string[]): Promise<Run>;
}

/** A body that depends on what is asked for. */
export type Answer = (query: URLSearchParams) => unknown;

/** A hub that is only its API, for tests of what the CLI makes of it. `bodies` is read at each request. */
export async function startStubHub(bodies: Readonly<Record<string, unknown>>): Promise<StubHub> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://hub');
    const given = bodies[pathname];
    const body: unknown = typeof given === 'function' ? (given as Answer)(searchParams) : given;
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { title: 'not found', detail: `${pathname} is not there` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const folder = await mkdtemp(join(tmpdir(), 'flotilla-cli-'));
  const variables = { FLOTILLA_URL: url, FLOTILLA_TOKEN: 'x', FLOTILLA_CONFIG: join(folder, 'config.json') };
  return {
    asked,
    async run(...args) {
      let [out, err] = ['', ''];
      const streams = { out: (text: string) => void (out += text), err: (text: string) => void (err += text) };
      const code = await runCli(args, { environment: readEnvironment(variables, {}), streams });
      return { code, out, err };
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
