import { request } from 'node:https';

interface Plane {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
}

export interface ObjectWatch extends AsyncDisposable {
  /** `performance.now()` at the first event whose object satisfies the condition. */
  until(condition: (object: unknown) => boolean): Promise<number>;
}

/** A watch of somebody who is neither hub nor agent. */
export async function watchObject(plane: Plane, path: string, name: string): Promise<ObjectWatch> {
  const url = new URL(`${path}?watch=true&fieldSelector=metadata.name%3D${name}`, plane.url);
  let wanted: { condition: (object: unknown) => boolean; resolve: (at: number) => void } | undefined;
  const hear = (line: string): void => {
    const { object } = JSON.parse(line) as { object: unknown };
    if (!wanted?.condition(object)) return;
    wanted.resolve(performance.now());
    wanted = undefined;
  };
  const call = request(url, { ca: plane.caPem, headers: { authorization: `Bearer ${plane.token}` } });
  await new Promise<void>((resolve, reject) => {
    call.once('error', reject);
    call.once('response', (response) => {
      let rest = '';
      response.on('data', (chunk: Buffer) => {
        const lines = (rest + chunk.toString()).split('\n');
        rest = lines.pop() ?? '';
        lines.forEach(hear);
      });
      resolve();
    });
    call.end();
  });
  call.on('error', () => undefined);
  return {
    until: (condition) => new Promise((resolve) => (wanted = { condition, resolve })),
    [Symbol.asyncDispose]: () => Promise.resolve(void call.destroy()),
  };
}
