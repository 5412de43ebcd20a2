import { spawn } from 'node:child_process';
import { renderEnvironment } from './config/render-environment.js';

export interface RunLimits {
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly maxOutputBytes: number;
}

export type RunResult =
  | { readonly outcome: 'done'; readonly stdout: string }
  | { readonly outcome: 'failed'; readonly stderr: string }
  | { readonly outcome: 'timeout' | 'tooLarge' };

/** Runs a renderer as a child process within limits of time, memory and output, in an environment of its own. */
export async function runLimited(
  command: readonly [string, ...string[]],
  home: string,
  limits: RunLimits,
): Promise<RunResult> {
  const [file, ...args] = withMemoryLimit(command, limits.memoryMb);
  const env = renderEnvironment(home, limits.memoryMb);
  const child = spawn(file, args, { cwd: home, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    const out: Buffer[] = [];
    let stderr = '';
    let bytes = 0;
    let ended: RunResult | undefined;
    const stop = (result: RunResult): void => {
      ended ??= result;
      child.kill('SIGKILL');
    };
    const timer = setTimeout(() => stop({ outcome: 'timeout' }), limits.timeoutMs);
    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > limits.maxOutputBytes) stop({ outcome: 'tooLarge' });
      else out.push(chunk);
    });
    child.stderr.on('data', (chunk: Buffer) => {
      if (stderr.length < 64 * 1024) stderr += chunk.toString('utf8');
    });
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on('close', (code) => {
      clearTimeout(timer);
      const done: RunResult = { outcome: 'done', stdout: Buffer.concat(out).toString('utf8') };
      resolve(ended ?? (code === 0 ? done : { outcome: 'failed', stderr }));
    });
  });
}

/** A hard limit where there is one: Go reserves address space generously, so it is set well above what it may use. */
function withMemoryLimit(command: readonly [string, ...string[]], memoryMb: number): readonly [string, ...string[]] {
  if (process.platform !== 'linux') return command;
  return ['/bin/sh', '-c', `ulimit -v ${(memoryMb + 1536) * 1024}; exec "$0" "$@"`, ...command];
}
