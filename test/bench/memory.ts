import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** Resident memory of a process in MiB, as the kernel counts it. */
export function residentMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? Number.NaN) / 1024;
}

/** CPU time used by a process so far, in ms. */
export function cpuMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000;
}

/** Share of one core that a process uses over a time, in percent. */
export async function cpuPercent(pid: number, forMs: number): Promise<number> {
  const [before, start] = [cpuMs(pid), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, forMs));
  return ((cpuMs(pid) - before) / (performance.now() - start)) * 100;
}
