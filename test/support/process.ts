import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { stopWithParent } from '@flotilla/testing';

/** A program of the product as a process of its own. Disposing it kills it; its log is kept for failures. */
export class TestProcess implements AsyncDisposable {
  private text = '';
  private readonly ended: Promise<void>;

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    this.ended = new Promise((resolve) => child.once('exit', () => resolve()));
    const keep = (chunk: Buffer): void => void (this.text = (this.text + chunk.toString()).slice(-200_000));
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  static start(name: string, file: string, env: Readonly<Record<string, string>>): TestProcess {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, ['--enable-source-maps', file], {
      env: { PATH, HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    stopWithParent(child.pid, 'KILL');
    return new TestProcess(name, child);
  }

  get log(): string {
    return this.text;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (this.running) this.child.kill(signal);
    await this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
