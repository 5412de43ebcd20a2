import type { JsonObject, KubeObject } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';
import type { KubeClient } from '@flotilla/kube';
import { isApiFault } from '@flotilla/kube';
import { NAMESPACES, NODES } from './store/kube-types.js';

/** UID of `kube-system`: the one thing of a cluster that a clone of its identity does not share. @throws Fault */
export async function fetchClusterUid(client: KubeClient): Promise<string> {
  const namespace = await client.get({ type: NAMESPACES, namespace: '', name: 'kube-system' });
  const uid = namespace.metadata['uid'];
  if (typeof uid !== 'string') throw new Fault('unavailable', 'the namespace kube-system has no UID');
  return uid;
}

/** What the agent states of its cluster. What cannot be read is left out. */
export async function fetchFacts(client: KubeClient): Promise<Record<string, string>> {
  const [version, nodes] = await Promise.all([
    client.fetchVersion().catch(() => ''),
    client.list(NODES, '').catch(() => undefined),
  ]);
  const facts = {
    kubernetes: version,
    nodes: String(nodes?.items.length ?? ''),
    provider: providerOf(nodes?.items[0]),
  };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== ''));
}

/** `aws:///eu-west-1a/i-0abc` → `aws`. */
function providerOf(node: KubeObject | undefined): string {
  const id = (node?.['spec'] as JsonObject | undefined)?.['providerID'];
  return typeof id === 'string' ? (/^([a-z0-9-]+):/.exec(id)?.[1] ?? '') : '';
}

/** Makes the agent's namespace unless it is there. @throws Fault */
export async function ensureNamespace(client: KubeClient, name: string): Promise<void> {
  if ((await client.find({ type: NAMESPACES, namespace: '', name })) !== undefined) return;
  try {
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    // The Lease lies in it.
    await client.create(NAMESPACES, namespace, { guarded: false });
  } catch (error) {
    if (!isApiFault(error, 'AlreadyExists')) throw error;
  }
}
