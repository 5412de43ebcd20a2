import type { GitKey } from './read-credentials.js';

/** Never asks, and never trusts a host key that nobody vouched for. */
const OPTIONS = ['BatchMode=yes', 'ConnectTimeout=10', 'ServerAliveInterval=15', 'StrictHostKeyChecking=yes'];

/** The program that git runs for ssh, as text for a shell: with this key and no other, or with what the hub's user has. */
export function sshCommand(key?: GitKey): string {
  const own =
    key === undefined ? [] : ['IdentitiesOnly=yes', 'IdentityAgent=none', `IdentityFile=${path(key.keyFile)}`];
  const hosts =
    key?.knownHostsFile === undefined
      ? []
      : [`UserKnownHostsFile=${path(key.knownHostsFile)}`, 'GlobalKnownHostsFile=/dev/null'];
  return ['ssh', ...[...OPTIONS, ...own, ...hosts].map((option) => `-o ${quote(option)}`)].join(' ');
}

/** As ssh reads paths: quoted, and `%` begins a token. */
function path(file: string): string {
  return `"${file.replaceAll('%', '%%')}"`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
