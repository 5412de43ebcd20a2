import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '@flotilla/domain';
import { checkUrl, isSshUrl } from './check-url.js';
import type { GitCredentials } from './read-credentials.js';
import { GitRepository } from './git-repository.js';
import { runGit } from './run-git.js';
import { sshCommand } from './ssh-command.js';

/** Which commit of a remote is followed. */
export type FollowedRef = { readonly branch: string } | { readonly tag: string } | { readonly commit: string };

export interface MirrorOptions {
  /** Where the bare repository lies; made when missing. */
  readonly folder: string;
  readonly url: string;
  /** Asked for anew at each call, so that they may change. */
  readonly credentials?: () => Promise<GitCredentials>;
  readonly timeoutMs?: number;
}

const FOLLOWED = 'refs/flotilla/followed';
const PINS = 'refs/flotilla/pins';
const ASKPASS = `#!/bin/sh
case "$1" in
  Username*) printf '%s\\n' "\${MIRROR_USERNAME}" ;;
  *) printf '%s\\n' "\${MIRROR_PASSWORD}" ;;
esac
`;

/** A bare mirror of one ref of a remote. Commits that were pinned stay, whatever the remote does. */
export class GitMirror implements Disposable {
  readonly repository: GitRepository;
  private readonly url: string;

  private constructor(private readonly options: MirrorOptions) {
    this.url = checkUrl(options.url);
    this.repository = new GitRepository(options.folder);
  }

  /** @throws Fault badInput for a URL that is not allowed */
  static async open(options: MirrorOptions): Promise<GitMirror> {
    const mirror = new GitMirror(options);
    await mkdir(options.folder, { recursive: true, mode: 0o700 });
    const made = await stat(join(options.folder, 'HEAD')).catch(() => undefined);
    if (!made) await mirror.git(['init', '--bare', '--quiet', '--template=', '.']);
    await writeFile(mirror.askpass, ASKPASS, { mode: 0o700 });
    return mirror;
  }

  /** The commit that the remote's ref points at now, without fetching it. @throws Fault unavailable, notFound */
  async remoteCommit(ref: FollowedRef): Promise<string> {
    if ('commit' in ref) return ref.commit;
    const said = await this.remote(['ls-remote', '--quiet', '--', this.url, remoteRef(ref), `${remoteRef(ref)}^{}`]);
    const lines = said.split('\n').map((line) => line.split('\t'));
    const found = lines.find(([, name]) => name?.endsWith('^{}')) ?? lines.find(([, name]) => name === remoteRef(ref));
    if (!found?.[0])
      throw new Fault('notFound', `the remote has no ${printFollowed(ref)}`, 'Check the name of the ref.');
    return found[0];
  }

  /** Fetches the ref's present commit with all it holds. @throws Fault unavailable, notFound */
  async fetch(ref: FollowedRef): Promise<string> {
    const spec = 'commit' in ref ? ref.commit : remoteRef(ref);
    if (!('commit' in ref && (await this.repository.resolve(ref.commit)))) await this.fetchSpec(spec);
    const commit = await this.repository.resolve('commit' in ref ? ref.commit : FOLLOWED);
    if (!commit) throw new Fault('notFound', `the remote has no ${printFollowed(ref)}`, 'Check the name of the ref.');
    return commit;
  }

  /** Whether a commit is here. */
  async has(commit: string): Promise<boolean> {
    return (await this.repository.resolve(commit)) !== undefined;
  }

  /** Keeps a commit from being collected, also after a force-push. */
  async pin(commit: string): Promise<void> {
    await this.git(['update-ref', `${PINS}/${commit}`, commit]);
  }

  /** Lets go of every pin but these, and collects what nobody holds any more. */
  async keepPins(commits: ReadonlySet<string>): Promise<void> {
    const refs = (await this.git(['for-each-ref', '--format=%(refname)', PINS]))
      .split('\n')
      .filter((ref) => ref !== '');
    const gone = refs.filter((ref) => !commits.has(ref.slice(PINS.length + 1)));
    for (const ref of gone) await this.git(['update-ref', '-d', ref]);
    if (gone.length > 0) await this.git(['gc', '--quiet', '--prune=1.hour.ago']);
  }

  [Symbol.dispose](): void {
    this.repository[Symbol.dispose]();
  }

  private get askpass(): string {
    return join(this.options.folder, 'askpass.sh');
  }

  private async fetchSpec(spec: string): Promise<void> {
    // A call that says nothing is waited for 50 ms longer: simple-git gives late output that time.
    const flags = [
      '--verbose',
      // Silence is then no work: however long a large repository takes, it is waited for while it comes.
      '--progress',
      '--no-tags',
      '--no-recurse-submodules',
      '--no-write-fetch-head',
      '--no-auto-maintenance',
    ];
    await this.remote(['fetch', ...flags, '--', this.url, `+${spec}:${FOLLOWED}`]);
  }

  private async remote(args: readonly string[]): Promise<string> {
    return this.git(args, { GIT_ASKPASS: this.askpass, ...(await this.secrets()) });
  }

  private async secrets(): Promise<Readonly<Record<string, string>>> {
    const found = await this.options.credentials?.();
    if (found === undefined) return {};
    const isKey = 'keyFile' in found;
    if (isKey !== isSshUrl(this.url)) {
      const [is, wanted] = isKey ? ['an ssh key', 'an access token'] : ['a token', 'a private key'];
      throw new Fault('unavailable', `the credentials are ${is}, and this URL needs ${wanted}`);
    }
    return isKey
      ? { GIT_SSH_COMMAND: sshCommand(found) }
      : { MIRROR_USERNAME: found.username, MIRROR_PASSWORD: found.password };
  }

  private async git(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<string> {
    const { folder, timeoutMs = 60_000 } = this.options;
    return runGit({ folder, environment, timeoutMs }, args);
  }
}

function remoteRef(ref: Exclude<FollowedRef, { commit: string }>): string {
  return 'branch' in ref ? `refs/heads/${ref.branch}` : `refs/tags/${ref.tag}`;
}

/** For people: `branch main`, `tag v1`, `commit 8d41e07`. */
export function printFollowed(ref: FollowedRef): string {
  if ('branch' in ref) return `branch ${ref.branch}`;
  return 'tag' in ref ? `tag ${ref.tag}` : `commit ${ref.commit.slice(0, 7)}`;
}
