import type { KubeObject, WorkloadReason } from '@flotilla/domain';
import { Fault, explainPods, isUnready, stuckClass, stuckReason, uidOf } from '@flotilla/domain';
import type { KubeClient } from '@flotilla/kube';
import type { PodsFound } from './read-pods.js';
import { readPods, readWarning, runsPods } from './read-pods.js';

const FIRST_LOOK_MS = 500;
const LAST_LOOK_MS = 8_000;
/** What has just been made needs no explanation yet. */
const PATIENT_LOOKS = 2;

interface Look {
  workload: KubeObject;
  attempts: number;
  /** By Pod UID: since when (monotonic) it waits for the same class of reason. */
  readonly stuck: Map<string, { readonly class: string; readonly since: number }>;
}

/**
 * Says why workloads of an app are not ready, by reading a few of their Pods with growing pauses. It reads nothing while
 * everything is ready.
 */
export class WorkloadExplainer {
  readonly reasons = new Map<string, WorkloadReason>();
  private readonly looks = new Map<string, Look>();
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private stopped = false;

  constructor(
    private readonly client: KubeClient,
    private readonly monotonic: () => number,
    private readonly changed: () => void,
  ) {}

  /** Names the workloads that are not ready now, by key; all others are forgotten. */
  watch(unready: ReadonlyMap<string, KubeObject>): void {
    for (const key of this.looks.keys()) if (!unready.has(key)) this.forget(key);
    for (const [key, workload] of unready) {
      if (!runsPods(workload)) continue;
      const look = this.looks.get(key);
      if (look === undefined) this.looks.set(key, { workload, attempts: 0, stuck: new Map() });
      else {
        // A new generation is looked at with fresh eyes: what was stuck before says nothing about it.
        if (generationOf(look.workload) !== generationOf(workload)) {
          look.attempts = 0;
          this.reasons.delete(key);
        }
        look.workload = workload;
      }
    }
    this.schedule();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private forget(key: string): void {
    this.looks.delete(key);
    this.reasons.delete(key);
  }

  private schedule(): void {
    if (this.looks.size === 0 || this.stopped) {
      clearTimeout(this.timer);
      this.timer = undefined;
      return;
    }
    if (this.timer !== undefined || this.looking) return;
    const attempts = Math.min(...[...this.looks.values()].map((look) => look.attempts));
    this.timer = setTimeout(() => void this.lookAtAll(), Math.min(LAST_LOOK_MS, FIRST_LOOK_MS * 2 ** attempts));
    this.timer.unref();
  }

  private async lookAtAll(): Promise<void> {
    this.timer = undefined;
    this.looking = true;
    const before = JSON.stringify([...this.reasons]);
    for (const [key, look] of this.looks) {
      look.attempts += 1;
      await this.lookAt(key, look).catch(ignoreRefusal);
    }
    this.looking = false;
    if (JSON.stringify([...this.reasons]) !== before) this.changed();
    this.schedule();
  }

  private async lookAt(key: string, look: Look): Promise<void> {
    const generation = generationOf(look.workload);
    const found = await readPods(this.client, look.workload);
    const stuckForMs = this.noteStuck(look, found);
    const subject = subjectOf(look, found, stuckForMs);
    const warning = subject === undefined ? undefined : await readWarning(this.client, subject).catch(() => undefined);
    const reason = explainPods({ ...found, stuckForMs, warning });
    if (this.looks.get(key) !== look || generationOf(look.workload) !== generation) return;
    if (reason === undefined) this.reasons.delete(key);
    else this.reasons.set(key, reason);
  }

  private noteStuck(look: Look, { pods }: PodsFound): Map<string, number> {
    const now = this.monotonic();
    const stuckForMs = new Map<string, number>();
    const uids = new Set(pods.map(uidOf));
    for (const uid of look.stuck.keys()) if (!uids.has(uid)) look.stuck.delete(uid);
    for (const pod of pods) {
      const code = stuckReason(pod)?.code;
      if (code === undefined) {
        look.stuck.delete(uidOf(pod));
        continue;
      }
      const known = look.stuck.get(uidOf(pod));
      const since = known?.class === stuckClass(code) ? known.since : now;
      look.stuck.set(uidOf(pod), { class: stuckClass(code), since });
      stuckForMs.set(uidOf(pod), now - since);
    }
    return stuckForMs;
  }
}

/** Whose events may tell more: of a Pod that is stuck without a word, or merely not ready for long; with no Pods, the workload. */
function subjectOf(look: Look, { pods }: PodsFound, stuckForMs: ReadonlyMap<string, number>): KubeObject | undefined {
  const stuck = pods.find((pod) => stuckForMs.has(uidOf(pod)));
  if (stuck !== undefined) return stuckReason(stuck)?.message === '' ? stuck : undefined;
  if (look.attempts < PATIENT_LOOKS) return undefined;
  return pods.length === 0 ? look.workload : pods.find(isUnready);
}

function generationOf(workload: KubeObject): unknown {
  return workload.metadata['generation'];
}

/** Reading Pods is a service: without the right to do so the report has the workload's own words. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof Fault)) throw error;
}
