import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Kustomize, KustomizeResult, SourceFile } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import type { FindOptions, KustomizeProgram } from './find-kustomize.js';
import { findKustomize } from './find-kustomize.js';
import type { RunLimits, RunResult } from './run-limited.js';
import { runLimited } from './run-limited.js';

export interface KustomizeOptions extends FindOptions {
  readonly limits?: Partial<RunLimits>;
  /** Processes at once at most. */
  readonly concurrency?: number;
}

const LIMITS: RunLimits = { timeoutMs: 30_000, memoryMb: 512, maxOutputBytes: 64 * 1024 * 1024 };

/**
 * Kustomize as a child process over exactly the files given: in a folder of its own, without network, plugins or helm.
 * The function rejects with a `Fault` only when it could not run (no program, no time); content that is wrong is a result.
 */
export function createKustomize(options: KustomizeOptions): Kustomize {
  const limits = { ...LIMITS, ...options.limits };
  const slots = new Slots(options.concurrency ?? 4);
  let program: Promise<KustomizeProgram> | undefined;
  return async (files, folder) => {
    program ??= findKustomize(options);
    program.catch(() => (program = undefined));
    const found = await program;
    return slots.run(() => renderOnce(found, { files, folder, limits }));
  };
}

interface Job {
  readonly files: readonly SourceFile[];
  readonly folder: string;
  readonly limits: RunLimits;
}

async function renderOnce(program: KustomizeProgram, { files, folder, limits }: Job): Promise<KustomizeResult> {
  const home = await realpath(await mkdtemp(join(tmpdir(), 'flotilla-render-')));
  try {
    const root = join(home, 'source');
    await writeFiles(root, files);
    const run = await runLimited([program.file, ...program.args, join(root, folder)], home, limits);
    return resultOf(run, root, limits);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

async function writeFiles(root: string, files: readonly SourceFile[]): Promise<void> {
  const folders = new Set(files.map((file) => dirname(join(root, file.path))));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  for (const file of files) await writeFile(join(root, file.path), file.content);
}

function resultOf(run: RunResult, root: string, limits: RunLimits): KustomizeResult {
  switch (run.outcome) {
    case 'done':
      return { ok: true, text: run.stdout };
    case 'failed':
      return {
        ok: false,
        message: messageOf(run.stderr, root),
        hint: 'Run kustomize build on the folder to see it locally.',
      };
    case 'tooLarge':
      return {
        ok: false,
        message: `the output is larger than ${limits.maxOutputBytes / 1024 / 1024} MB`,
        hint: 'Split the app.',
      };
    case 'timeout':
      throw new Fault('timeout', `kustomize took longer than ${limits.timeoutMs / 1000} s`, 'It is tried again.');
  }
}

/** What kustomize said, on one line, with paths as the repository has them. */
function messageOf(stderr: string, root: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '' && !/^(#|Warning:)/.test(line));
  const text = lines
    .join(' ')
    .replaceAll(`${root}/`, '')
    .replaceAll(root, '.')
    .replace(/^error: /i, '')
    .replace(/\s+/g, ' ');
  return text === '' ? 'kustomize failed and said nothing' : text.slice(0, 1000);
}

/** Lets so many run at once; the others wait in order. */
class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.free > 0) this.free -= 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.free += 1;
    }
  }
}
