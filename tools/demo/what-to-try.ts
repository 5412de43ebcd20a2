import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { ensureKubectl } from './kubectl.js';
import type { DemoState } from './state.js';

interface Place {
  readonly state: DemoState;
  readonly url: string;
  readonly tokenFile: string;
  readonly clone: string;
  /** Context of the user's kubeconfig to try things on; undefined: the embedded clusters. */
  readonly context: string | undefined;
}

/** The fleet table, the addresses, where the token lies, and three things to try. */
export async function whatToTry({ state, url, tokenFile, clone, context }: Place): Promise<string> {
  const here = (path: string): string => relative(process.cwd(), path) || '.';
  const { next, typo } = await versions(clone);
  const edit = (to: string): string =>
    `(cd ${here(clone)} && sed -i.bak 's/web:[0-9].*/web:${to}/' web/deployment.yaml && git commit -qam 'web ${to}' && git push -q)`;
  const kubectl =
    context === undefined
      ? `${here(await ensureKubectl(state))} --kubeconfig ${here(state.path('clusters', 'eu-1.kubeconfig'))}`
      : `kubectl --context ${context}`;
  return [
    table(url, tokenFile),
    '',
    `  API and docs      ${url}/api/docs`,
    `  admin token       ${here(tokenFile)} (mode 0600)`,
    `  fleet repository  ${here(clone)}`,
    `  kubeconfigs       ${context === undefined ? here(state.path('clusters')) : 'your own'}`,
    `  logs              ${here(state.path('log'))}`,
    '',
    `  log in once       npx flotilla login ${url} --token-file ${here(tokenFile)}`,
    '',
    'Three things to try, each in another terminal:',
    '',
    `  push a change     ${edit(next)}`,
    `                    then: (cd ${here(clone)} && npx flotilla wait app/web --commit HEAD --timeout 2m)`,
    `  break a release   ${edit(typo)}`,
    `                    then: (cd ${here(clone)} && npx flotilla wait app/web --commit HEAD --timeout 2m); npx flotilla why web`,
    '                    (the canary stops it within 90 s; nothing else moves)',
    `  delete by hand    ${kubectl} -n web delete deployment web`,
    '                    then: npx flotilla get drift --app web    (it is back already)',
  ].join('\n');
}

async function versions(clone: string): Promise<{ next: string; typo: string }> {
  const text = await readFile(join(clone, 'web', 'deployment.yaml'), 'utf8');
  const current = /web:(\S+)/.exec(text)?.[1] ?? '1.4.0';
  const [major = '1', minor = '4', patch = '0'] = current.split('.');
  const bump = Number.isInteger(Number(patch)) ? Number(patch) + 1 : 1;
  return { next: `${major}.${minor}.${bump}`, typo: `${major}.${Number(minor) + 1}.O` };
}

function table(url: string, tokenFile: string): string {
  const cli = join(import.meta.dirname, '..', '..', 'apps/cli/dist/flotilla.mjs');
  const token = execFileSync('cat', [tokenFile], { encoding: 'utf8' }).trim();
  const env = { ...process.env, FLOTILLA_URL: url, FLOTILLA_TOKEN: token };
  return execFileSync(process.execPath, [cli, 'get', 'clusters'], { env, encoding: 'utf8' }).trimEnd();
}
