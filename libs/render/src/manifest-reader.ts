import { Worker } from 'node:worker_threads';
import type { ContentProblem, Manifests, ReadManifests, SourceFile } from '@flotilla/domain';
import { Fault, contentError, placeOfFile, readManifests } from '@flotilla/domain';

export interface ManifestQuestion {
  readonly number: number;
  readonly file: SourceFile;
}

export interface ManifestAnswer {
  readonly number: number;
  readonly manifests: Manifests;
}

export interface ManifestReaderOptions {
  /** The compiled `manifest-program`. */
  readonly program?: URL;
  /** Memory of the thread in MB. */
  readonly memoryMb?: number;
}

interface Waiting {
  readonly file: SourceFile;
  readonly resolve: (manifests: Manifests) => void;
  readonly reject: (error: unknown) => void;
}

const PROGRAM = new URL('./manifest-program.js', import.meta.url);
/** Below it, the way to the thread and back takes longer than the work. */
const SMALL_BYTES = 32 * 1024;
const MEMORY_MB = 2_048;

/**
 * Reads files of manifests, large ones in a thread of their own: a megabyte of YAML takes a third of a second, in which a hub
 * would answer nobody. The thread starts at the first large file, and anew when it died.
 */
export class ManifestReader implements AsyncDisposable {
  private readonly waiting = new Map<number, Waiting>();
  private worker: Worker | undefined;
  private asked = 0;

  constructor(private readonly options: ManifestReaderOptions = {}) {}

  /** A file that takes more memory than the thread has is a problem of that file. Rejects with a `Fault` (unavailable) otherwise. */
  readonly read: ReadManifests = (file) =>
    file.content.byteLength < SMALL_BYTES ? Promise.resolve(readManifests(file)) : this.ask(file);

  async [Symbol.asyncDispose](): Promise<void> {
    await this.worker?.terminate();
  }

  private ask(file: SourceFile): Promise<Manifests> {
    return new Promise((resolve, reject) => this.post({ file, resolve, reject }));
  }

  private post(waiting: Waiting): void {
    const worker = (this.worker ??= this.start());
    const number = (this.asked += 1);
    this.waiting.set(number, waiting);
    worker.ref();
    worker.postMessage({ number, file: waiting.file } satisfies ManifestQuestion);
  }

  private start(): Worker {
    const { program = PROGRAM, memoryMb = MEMORY_MB } = this.options;
    const worker = new Worker(program, { resourceLimits: { maxOldGenerationSizeMb: memoryMb } });
    let cause: unknown;
    worker.on('message', ({ number, manifests }: ManifestAnswer) => {
      this.waiting.get(number)?.resolve(manifests);
      this.waiting.delete(number);
      if (this.waiting.size === 0) worker.unref();
    });
    worker.on('error', (error) => (cause = error));
    worker.on('exit', () => this.end(cause));
    return worker;
  }

  /** Files are read in the order of asking: the first that waits is the one that the thread died of. */
  private end(cause: unknown): void {
    this.worker = undefined;
    const [first, ...others] = this.waiting.values();
    this.waiting.clear();
    if (isOutOfMemory(cause)) {
      first?.resolve({ objects: [], problems: [tooLarge(first.file)] });
      for (const other of others) this.post(other);
      return;
    }
    const died = new Fault('unavailable', 'reading manifests was interrupted', 'It is tried again.', { cause });
    for (const { reject } of [first, ...others].filter((each) => each !== undefined)) reject(died);
  }
}

function isOutOfMemory(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function tooLarge({ path }: SourceFile): ContentProblem {
  return contentError('limitExceeded', placeOfFile(path), ['reading the file takes too much memory', 'Split it.']);
}
