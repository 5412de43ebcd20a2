import { memberObject, memberText } from '@flotilla/domain';
import type { KubeClient } from '@flotilla/kube';
import type { AppState } from './app-state.js';
import type { ReconcileContext } from './reconcile-context.js';
import { instantOf } from './reconciler.port.js';
import type { TrackedObject } from './tracked-object.js';

/** By server and class: whether it binds at the first consumer. A class cannot be changed, so it is read once. */
const KNOWN = new WeakMap<KubeClient, Map<string, boolean>>();

/** A claim that waits for its first consumer holds nothing up: its storage class is asked, once. */
export async function judgeClaims(context: ReconcileContext, state: AppState): Promise<void> {
  const pending = [...state.tracked.values()].filter(isPendingClaim);
  await Promise.all(pending.map((tracked) => judgeClaim(context, state, tracked)));
}

function isPendingClaim({ ref, verdict, raw, waitsForConsumer }: TrackedObject): boolean {
  const isClaim = ref.kind === 'PersistentVolumeClaim' && ref.group === '';
  return isClaim && !waitsForConsumer && raw !== undefined && verdict.code === 'ClaimPending';
}

async function judgeClaim(context: ReconcileContext, state: AppState, tracked: TrackedObject): Promise<void> {
  const { raw, live } = tracked;
  if (raw === undefined || live?.state !== 'present') return;
  const name = memberText(memberObject(raw, 'spec'), 'storageClassName');
  if (name === '' || !(await bindsAtConsumer(context.client, name))) return;
  tracked.waitsForConsumer = true;
  tracked.verdict = state.judge(tracked, raw, instantOf(context.clock));
  tracked.live = { ...live, health: tracked.verdict.health };
}

/** With the agent's own account. A class that cannot be read is asked for again at the next pass. */
async function bindsAtConsumer(client: KubeClient, name: string): Promise<boolean> {
  const known = KNOWN.get(client) ?? new Map<string, boolean>();
  KNOWN.set(client, known);
  const answer = known.get(name);
  if (answer !== undefined) return answer;
  const type = client.discovery.find('storage.k8s.io/v1', 'StorageClass');
  const found = type && (await client.find({ type, namespace: '', name }).catch(() => undefined));
  if (found === undefined) return false;
  const binds = found['volumeBindingMode'] === 'WaitForFirstConsumer';
  known.set(name, binds);
  return binds;
}
