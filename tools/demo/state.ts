import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { freePort } from '@flotilla/testing';

const PREFERRED = { http: 8080, join: 8443, agents: 8444 } as const;

/** What one start leaves for the next: folders and ports, so that addresses stay what they were. */
export class DemoState {
  private ports: Record<string, number> = {};
  private saving: Promise<void> = Promise.resolve();

  private constructor(readonly folder: string) {}

  static async open(folder: string, reset: boolean): Promise<DemoState> {
    if (reset) await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const state = new DemoState(folder);
    const text = await readFile(state.file, 'utf8').catch(() => '{}');
    state.ports = JSON.parse(text) as Record<string, number>;
    return state;
  }

  private get file(): string {
    return join(this.folder, 'ports.json');
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** The port of the last start, else the usual one, else any that is free. */
  async port(name: string): Promise<number> {
    const wanted = [this.ports[name], PREFERRED[name as keyof typeof PREFERRED]].filter((port) => port !== undefined);
    for (const port of wanted) if (await isFree(port)) return this.keep(name, port);
    return this.keep(name, await freePort());
  }

  private async keep(name: string, port: number): Promise<number> {
    this.ports[name] = port;
    // One write after the other, each beside the file and renamed: several ports are asked for at once.
    this.saving = this.saving.then(async () => {
      await writeFile(`${this.file}.new`, JSON.stringify(this.ports));
      await rename(`${this.file}.new`, this.file);
    });
    await this.saving;
    return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
