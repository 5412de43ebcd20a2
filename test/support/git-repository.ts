import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Content by path; null removes the file. */
export type Changes = Readonly<Record<string, string | null>>;

/** A bare fleet repository with a clone to commit in. */
export class GitRepository {
  private constructor(
    readonly bare: string,
    readonly clone: string,
  ) {}

  get url(): string {
    return `file://${this.bare}`;
  }

  static async create(folder: string, files: Changes): Promise<GitRepository> {
    const repository = new GitRepository(join(folder, 'fleet.git'), join(folder, 'fleet'));
    await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', repository.bare]);
    await run('git', ['init', '--quiet', '--initial-branch=main', repository.clone]);
    await repository.git('config', 'user.name', 'ana');
    await repository.git('config', 'user.email', 'ana@acme.example');
    await repository.git('remote', 'add', 'origin', repository.bare);
    await repository.push('Start', files);
    return repository;
  }

  async git(...args: string[]): Promise<string> {
    const { stdout } = await run('git', ['-C', this.clone, ...args]);
    return stdout.trim();
  }

  /** Commits the changes and pushes; resolves with the commit. */
  async push(subject: string, changes: Changes): Promise<string> {
    for (const [path, content] of Object.entries(changes)) await this.write(path, content);
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '--message', subject);
    await this.git('push', '--quiet', '--force', 'origin', 'HEAD:main');
    return this.git('rev-parse', 'HEAD');
  }

  async revert(commit = 'HEAD'): Promise<string> {
    await this.git('revert', '--no-edit', commit);
    await this.git('push', '--quiet', 'origin', 'HEAD:main');
    return this.git('rev-parse', 'HEAD');
  }

  private async write(path: string, content: string | null): Promise<void> {
    const file = join(this.clone, path);
    if (content === null) return rm(file, { recursive: true });
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}
