import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { spawn } from 'node:child_process';
import { Fault } from '@flotilla/domain';
import { gitEnvironment } from './config/git-environment.js';

export type ObjectType = 'blob' | 'tree' | 'commit' | 'tag';

export interface GitObject {
  readonly id: string;
  readonly type: ObjectType;
  readonly content: Buffer;
}

interface Waiting {
  readonly name: string;
  resolve(found: GitObject | undefined): void;
  reject(error: Error): void;
}

/** Objects above this size are refused before they fill the memory. */
const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

/**
 * Reads objects of one repository through a single long-lived `git cat-file --batch`: about 0.1 ms per object instead of a
 * process each. Filters, replacements and checkouts play no part. The process starts at the first read and again after it
 * ended.
 */
export class ObjectReader implements Disposable {
  private child: ChildProcessWithoutNullStreams | undefined;
  private waiting: Waiting[] = [];
  private chunks: Buffer[] = [];
  private buffered = 0;
  private needed = 0;

  constructor(private readonly gitDir: string) {}

  /** The object of that name (id, ref, `commit:path`); undefined when there is none. */
  async find(name: string): Promise<GitObject | undefined> {
    if (/[\n\0]/.test(name)) throw new Fault('badInput', 'a Git object name holds control characters');
    return new Promise((resolve, reject) => {
      this.waiting.push({ name, resolve, reject });
      this.process().stdin.write(`${name}\n`);
    });
  }

  /** @throws Fault notFound */
  async read(name: string): Promise<GitObject> {
    const found = await this.find(name);
    if (!found) throw new Fault('notFound', `there is no Git object ${name}`);
    return found;
  }

  [Symbol.dispose](): void {
    this.child?.stdin.end();
    this.child?.kill();
    this.child = undefined;
  }

  private process(): ChildProcessWithoutNullStreams {
    if (this.child) return this.child;
    const child = spawn('git', [`--git-dir=${this.gitDir}`, 'cat-file', '--batch'], { env: gitEnvironment() });
    const fail = (error: Error): void => this.fail(child, error);
    child.stdout.on('data', (chunk: Buffer) => this.take(chunk));
    child.stdin.on('error', fail);
    child.stderr.resume();
    child.on('error', fail);
    child.on('close', () => fail(new Fault('unavailable', 'git cat-file ended')));
    this.child = child;
    return child;
  }

  private fail(child: ChildProcessWithoutNullStreams, error: Error): void {
    if (this.child !== child && this.child !== undefined) return;
    this.child = undefined;
    this.chunks = [];
    this.buffered = 0;
    this.needed = 0;
    for (const waiting of this.waiting.splice(0)) waiting.reject(error);
  }

  private take(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    if (this.buffered < this.needed) return;
    let rest = this.chunks.length === 1 ? chunk : Buffer.concat(this.chunks);
    for (let used = this.answer(rest); used > 0; used = this.answer(rest)) rest = rest.subarray(used);
    this.chunks = rest.length > 0 ? [rest] : [];
    this.buffered = rest.length;
  }

  /** Bytes of the first complete answer in the buffer, handed to who waits for it; 0 when it is not complete yet. */
  private answer(buffer: Buffer): number {
    this.needed = 0;
    const end = buffer.indexOf(0x0a);
    if (end < 0) return 0;
    const header = buffer.toString('utf8', 0, end);
    const match = /^([0-9a-f]{40,64}) (blob|tree|commit|tag) (\d+)$/.exec(header);
    if (!match) return this.give(undefined, end + 1);
    const [, id = '', type, size] = match;
    const from = end + 1;
    const to = from + Number(size);
    if (Number(size) > MAX_OBJECT_BYTES) this.refuse(id, Number(size));
    if (buffer.length < to + 1) {
      this.needed = to + 1;
      return 0;
    }
    return this.give({ id, type: type as ObjectType, content: Buffer.from(buffer.subarray(from, to)) }, to + 1);
  }

  private refuse(id: string, size: number): void {
    const child = this.child;
    if (!child) return;
    this.fail(
      child,
      new Fault('tooLarge', `Git object ${id} has ${size} bytes`, 'Keep large files out of the repository.'),
    );
    child.kill();
  }

  private give(found: GitObject | undefined, used: number): number {
    this.waiting.shift()?.resolve(found);
    return used;
  }
}
