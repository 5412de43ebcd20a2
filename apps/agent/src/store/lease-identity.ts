import { createHash, randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Leases of this process, for a holder that has its process id may be an earlier life of a container. */
const LIVING = new Set<string>();

/**
 * Who holds a Lease: `host/pid/place/random`. The place is where process ids mean something: a Pod, whose containers follow
 * each other, or else one boot of a machine and one namespace of process ids.
 */
export function newHolder(pod: string | undefined): string {
  const holder = [hostname(), process.pid, placeOf(pod), randomUUID().slice(0, 8)].join('/');
  LIVING.add(holder);
  return holder;
}

export function retireHolder(holder: string): void {
  LIVING.delete(holder);
}

/** Whether the holder was a process of this very place that is gone: a restart need not wait for its Lease to run out. */
export function isDeadHere(holder: string, pod: string | undefined): boolean {
  const [, digits, place] = /^.*\/(\d+)\/(\w+)\/\w+$/.exec(holder) ?? [];
  const pid = Number(digits);
  if (!(pid > 0) || place !== placeOf(pod)) return false;
  return pid === process.pid ? !LIVING.has(holder) : !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function placeOf(pod: string | undefined): string {
  return createHash('sha256')
    .update(pod === undefined ? machine : `pod ${pod}`)
    .digest('hex')
    .slice(0, 12);
}

const machine = placeOfMachine();

/** Where the system does not tell, no place is equal to another. */
function placeOfMachine(): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `boot ${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return randomUUID();
  }
}
