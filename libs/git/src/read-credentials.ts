import { access, readFile } from 'node:fs/promises';
import { Fault } from '@flotilla/domain';

/** What a Git server asks for over https. */
export interface GitPassword {
  readonly username: string;
  readonly password: string;
}

/** What a Git server asks for over ssh: the file of a private key, never what it holds. */
export interface GitKey {
  readonly keyFile: string;
  /** Host keys that the server may have; absent: those that the hub's user knows. */
  readonly knownHostsFile?: string;
}

export type GitCredentials = GitPassword | GitKey;

/** Most servers look at the token alone. */
const ANY_USER = 'git';

const PRIVATE_KEY = /^-----BEGIN [A-Z ]*PRIVATE KEY-----/m;

/**
 * A password as a file has it: an access token and nothing else, or the lines `username=…` and `password=…` that git itself
 * uses, for servers that want a certain name with a token.
 * @throws Fault unavailable for a text without a token or password
 */
export function parseCredentials(text: string): GitPassword {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const valueOf = (key: string): string | undefined =>
    lines.find((line) => line.startsWith(`${key}=`))?.slice(key.length + 1);
  const password = valueOf('password');
  if (password !== undefined) return { username: valueOf('username') ?? ANY_USER, password: checked(password) };
  const [token = '', ...more] = lines.filter((line) => line !== '');
  if (more.length > 0) throw new Fault('unavailable', 'credentials have more than one line', HINT);
  return { username: ANY_USER, password: checked(token) };
}

const HINT = 'Put the token alone in the file, or the lines username=… and password=…, or for ssh a private key.';

function checked(password: string): string {
  if (password === '') throw new Fault('unavailable', 'credentials are empty', HINT);
  return password;
}

/**
 * A token or password for https, or a private key for ssh with the host keys in `FILE.known_hosts` beside it.
 * @throws Fault unavailable when the file cannot be read or holds none; never says what it holds
 */
export async function readCredentials(file: string): Promise<GitCredentials> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    const hint = 'An operator of the hub puts it there; Git names it only.';
    throw new Fault('unavailable', `no credentials can be read from ${file} (${error.code ?? 'unreadable'})`, hint);
  });
  if (!PRIVATE_KEY.test(text)) return parseCredentials(text);
  const knownHostsFile = `${file}.known_hosts`;
  const isPinned = await access(knownHostsFile).then(
    () => true,
    () => false,
  );
  return { keyFile: file, ...(isPinned ? { knownHostsFile } : {}) };
}
