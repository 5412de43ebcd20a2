import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { stopWithParent } from '@flotilla/testing';

const GRACE_MS = 5_000;

/** One of the product's programs as a process of its own; its log goes to a file. */
export class Program implements AsyncDisposable {
  /** Resolves when it has ended, by itself or because we stopped it. */
  readonly ended: Promise<void>;
  private stopping = false;

  private constructor(
    readonly name: string,
    readonly logFile: string,
    private readonly child: ChildProcess,
  ) {
    this.ended = new Promise((resolve) => child.once('exit', () => resolve()));
  }

  static start(
    name: string,
    options: { file: string; logFile: string; env: Readonly<Record<string, string>> },
  ): Program {
    const log = createWriteStream(options.logFile, { flags: 'a', mode: 0o600 });
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, ['--enable-source-maps', options.file], {
      env: { PATH, HOME, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // Not in our process group: Ctrl-C comes to us, and we stop our parts in order.
      detached: true,
    });
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    stopWithParent(child.pid, 'TERM');
    return new Program(name, options.logFile, child);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Whether it ended without being asked to. */
  get died(): boolean {
    return !this.running && !this.stopping;
  }

  /** How it ended, for people. */
  get ending(): string {
    return `${this.name} ended with ${this.child.exitCode ?? this.child.signalCode}`;
  }

  /** @throws Error with the end of its log when it is not running any more. */
  async check(): Promise<void> {
    if (this.running) return;
    const lines = (await readFile(this.logFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-5);
    throw new Error(`${this.ending}:\n    ${lines.join('\n    ')}`);
  }

  /** The newest line of its log, for a failure. */
  async lastWords(): Promise<string> {
    const [last = 'nothing'] = (await readFile(this.logFile, 'utf8').catch(() => '')).trimEnd().split('\n').slice(-1);
    return `${this.name} says: ${last.slice(0, 300)}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopping = true;
    if (!this.running) return;
    this.child.kill('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), GRACE_MS);
    await this.ended;
    clearTimeout(timer);
  }
}
