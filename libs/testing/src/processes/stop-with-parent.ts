import { spawn } from 'node:child_process';

/** A shell that waits for our end, however it comes (SIGKILL too), and then signals that process. */
export function stopWithParent(pid: number | undefined, signal: 'INT' | 'TERM' | 'KILL'): void {
  if (pid === undefined) return;
  const script = `cat >/dev/null; kill -${signal} ${pid} 2>/dev/null`;
  const guard = spawn('sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.unref();
  (guard.stdin as unknown as { unref(): void }).unref();
}
