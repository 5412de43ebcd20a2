import { Fault } from '@flotilla/domain';
import type { SimpleGit } from 'simple-git';
import { simpleGit } from 'simple-git';
import { gitEnvironment } from './config/git-environment.js';
import { printUrl } from './check-url.js';

export interface GitCall {
  readonly folder: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Ends the call when git says nothing for so long. */
  readonly timeoutMs: number;
}

/** Nothing that a repository or server says can make git run a program or follow another transport. */
const SAFE_CONFIG = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'filter.lfs.required=false',
  'credential.helper=',
  'gc.auto=0',
  'maintenance.auto=false',
  'http.followRedirects=initial',
  // A server that says nothing at all: the helper of a git that was given up ends too.
  'http.lowSpeedLimit=1',
  'http.lowSpeedTime=60',
];

/** How long what git has said may take after its end. */
const LATE_OUTPUT_MS = 1_000;

function git({ folder, environment, timeoutMs }: GitCall): SimpleGit {
  return simpleGit({
    baseDir: folder,
    config: SAFE_CONFIG,
    timeout: { block: timeoutMs },
    // A helper of git that outlives it keeps the output open: then the end of git itself counts.
    completion: { onClose: true, onExit: LATE_OUTPUT_MS },
    unsafe: {
      allowUnsafeHooksPath: true,
      allowUnsafeFsMonitor: true,
      allowUnsafeCredentialHelper: true,
      allowUnsafeProtocolOverride: true,
      allowUnsafeTemplateDir: true,
      allowUnsafeFilter: true,
      allowUnsafeAskPass: true,
      allowUnsafeSshCommand: true,
      allowUnsafeConfigPaths: true,
    },
  }).env(gitEnvironment(environment));
}

/**
 * Runs one git command, safely configured.
 * @throws Fault with what git said, without URLs' credentials
 */
export async function runGit(call: GitCall, args: readonly string[]): Promise<string> {
  try {
    return await git(call).raw([...args]);
  } catch (error) {
    throw gitFault(error as Error);
  }
}

/** What git draws while it works says nothing about a failure. */
const PROGRESS =
  /^(remote: )?(Enumerating|Counting|Compressing|Receiving|Resolving|Unpacking|Total|POST|From|Pack) ?.*( objects|deltas|done|%|\(delta|git-upload-pack|bytes)/;

const SSH_SAYS = /^(ssh:|Load key|Permissions )|host key|Permission denied/;
const GIT_SAYS = /^(fatal|error|remote):/;

const REASONS: readonly (readonly [RegExp, string, string])[] = [
  [
    /host key for .* has changed|host identification has changed/i,
    'the Git server has another host key than the one that is known',
    'If the server has a new key, replace its line in known_hosts; else somebody is in between.',
  ],
  [
    /host key verification failed/i,
    'the host key of the Git server is not known',
    'Put its line, checked against what its operator publishes, into known_hosts: beside the key as NAME.known_hosts.',
  ],
  [
    /unprotected private key|bad permissions/i,
    'the ssh key may be read by others, and ssh refuses it',
    'Give the file to the hub’s user alone: mode 0600.',
  ],
  [
    /error in libcrypto|invalid format|load key .*: /i,
    'the ssh key cannot be read',
    'It must be a private key without a passphrase, with a line break at its end.',
  ],
  [
    /could not resolve host|couldn't connect|connection (refused|timed out|reset)|unable to access/i,
    'the Git server cannot be reached',
    'Check the network and the URL.',
  ],
  [
    /authentication failed|could not read (username|password)|permission denied|403/i,
    'the Git server refuses the credentials',
    'Check the token and what it may read.',
  ],
  [/couldn't find remote ref/i, 'the ref does not exist there', 'Check the name of the branch or tag.'],
  [
    /does not appear to be a git repository|repository .* not found|does not exist/i,
    'there is no repository at this URL',
    'Check the URL.',
  ],
  [/block timeout reached/i, 'the Git server did not answer in time', 'It is tried again.'],
];

function gitFault(error: Error): Fault {
  const said = printUrl(error.message.replace(/\/\/[^/@\s]*@/g, '//')).trim();
  const known = REASONS.find(([pattern]) => pattern.test(said));
  const lines = said.split(/[\r\n]+/).filter((line) => line.trim() !== '' && !PROGRESS.test(line));
  const told = lines.find((text) => SSH_SAYS.test(text)) ?? lines.find((text) => GIT_SAYS.test(text)) ?? lines[0];
  const line = (told ?? 'git failed').slice(0, 300);
  return new Fault('unavailable', known ? `${known[1]} (${line})` : line, known?.[2]);
}
