import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Runs a program in a process group of its own, which dies with us however we die: the shell waits for the end of its
 * standard input, a pipe that only this process holds, and then kills the group. `read` fails at once when we are gone.
 */
const WATCHDOG = `exec 3<&0
(read _ <&3; kill -9 0) &
"$@" 3<&- </dev/null &
wait $!`;

export interface Component extends AsyncDisposable {
  readonly name: string;
  /** False when the program ended by itself. */
  running(): boolean;
  /** The last lines of what it printed. */
  lastWords(): string;
  /** Kills it, and waits until it is gone. */
  kill(): Promise<void>;
}

export interface ComponentOptions {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  /** Takes both outputs. */
  readonly logFile: string;
  readonly cwd: string;
}

export function startComponent({ name, program, args, logFile, cwd }: ComponentOptions): Component {
  const log = openSync(logFile, 'a', 0o600);
  const shell = spawn('/bin/sh', ['-c', WATCHDOG, 'sh', program, ...args], {
    cwd,
    detached: true,
    stdio: ['pipe', log, log],
    // The machine's own configuration must not reach it.
    env: { PATH: process.env['PATH'] ?? '', HOME: cwd },
  });
  closeSync(log);
  let running = true;
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      running = false;
      shell.stdin?.destroy();
      resolve();
    };
    shell.once('exit', end).once('error', end);
  });
  // A test process may end while its control plane still runs: the watchdog takes care of it.
  shell.unref();
  const kill = async (): Promise<void> => {
    killGroup(shell.pid, 'SIGKILL');
    await gone;
    // The shell is gone, the program may still be giving back its port. Bounded: where nobody reaps, a zombie stays.
    for (let i = 0; i < 100 && killGroup(shell.pid, 0); i++) await delay(10);
  };
  return { name, running: () => running, lastWords: () => tail(logFile), kill, [Symbol.asyncDispose]: kill };
}

/** False when there is no such group. */
function killGroup(pid: number | undefined, signal: NodeJS.Signals | 0): boolean {
  try {
    return pid !== undefined && process.kill(-pid, signal);
  } catch {
    return false;
  }
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
}
