import type { Digest } from '../json/index.js';
import type { Part } from './part.js';
import { assignmentsOf, partsEqual } from './part.js';

/** An app as it was last saved, and as it would be now. */
export interface ReleaseInput {
  /** Digest of the app's inputs: its definition, groups and content, not the cluster facts. Undefined before the first. */
  readonly previousInputs: Digest | undefined;
  /** Parts of the newest release; undefined when there is none. */
  readonly previous: readonly Part[] | undefined;
  readonly inputs: Digest;
  readonly parts: readonly Part[];
}

/**
 * none: nothing differs · release: the inputs changed and with them parts · parts: the same inputs give other parts, because
 * clusters joined, left or changed labels: the newest release gets them.
 */
export type ReleasePlan =
  | { readonly kind: 'none' }
  | { readonly kind: 'release' }
  | { readonly kind: 'parts'; readonly clusterIds: readonly number[] };

/** Whether an app gets a new release. A commit that changes no part makes none; nor does a cluster that joins. */
export function planRelease({ previousInputs, previous, inputs, parts }: ReleaseInput): ReleasePlan {
  if (!previous) return parts.length === 0 ? { kind: 'none' } : { kind: 'release' };
  if (partsEqual(previous, parts)) return { kind: 'none' };
  if (inputs !== previousInputs) return { kind: 'release' };
  return { kind: 'parts', clusterIds: changedClusters(previous, parts) };
}

/** Clusters whose part appeared, changed or went; ascending. */
export function changedClusters(before: readonly Part[], after: readonly Part[]): number[] {
  const [old, now] = [assignmentsOf(before), assignmentsOf(after)];
  const ids = new Set([...old.keys(), ...now.keys()]);
  return [...ids]
    .filter((id) => old.get(id)?.bundle !== now.get(id)?.bundle || old.get(id)?.policy !== now.get(id)?.policy)
    .sort((a, b) => a - b);
}
