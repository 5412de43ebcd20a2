import type { JsonObject } from '../json/index.js';
import { canonicalJson } from '../json/index.js';
import type { Part, PartContent } from '../release/index.js';
import { assignmentsOf } from '../release/index.js';
import type { FieldChange } from './diff-fields.js';
import type { ObjectChange } from './diff-objects.js';

/** What clusters had and have; absent where a release has no part for them. */
export interface PartChange {
  readonly before: PartContent | undefined;
  readonly after: PartContent | undefined;
  /** Ascending. */
  readonly clusterIds: readonly number[];
}

/** What is different on some clusters: their objects, and how these are applied and judged. */
export interface PartDifference {
  readonly clusterIds: readonly number[];
  readonly objects: readonly ObjectChange[];
  readonly policy: readonly FieldChange[];
}

/** The clusters for which two releases differ, those with the same parts on both sides together. */
export function pairParts(before: readonly Part[], after: readonly Part[]): PartChange[] {
  const [old, now] = [assignmentsOf(before), assignmentsOf(after)];
  const ids = [...new Set([...old.keys(), ...now.keys()])].sort((a, b) => a - b);
  const groups = new Map<string, { before: PartContent | undefined; after: PartContent | undefined; ids: number[] }>();
  for (const id of ids) {
    const [was, is] = [old.get(id), now.get(id)];
    const [from, to] = [keyOf(was), keyOf(is)];
    if (from === to) continue;
    const group = groups.get(`${from} ${to}`) ?? { before: was, after: is, ids: [] };
    group.ids.push(id);
    groups.set(`${from} ${to}`, group);
  }
  return [...groups.values()].map(({ ids: clusterIds, ...change }) => ({ ...change, clusterIds }));
}

function keyOf(part: PartContent | undefined): string {
  return part === undefined ? '-' : `${part.bundle}+${part.policy}`;
}

/** One entry for all clusters with the same difference, ordered by their first cluster; what differs in nothing is left out. */
export function joinDifferences(differences: readonly PartDifference[]): PartDifference[] {
  const joined = new Map<string, PartDifference>();
  for (const { clusterIds, objects, policy } of differences) {
    if (objects.length === 0 && policy.length === 0) continue;
    const key = canonicalJson({ objects, policy } as unknown as JsonObject);
    const ids = [...(joined.get(key)?.clusterIds ?? []), ...clusterIds].sort((a, b) => a - b);
    joined.set(key, { clusterIds: ids, objects, policy });
  }
  return [...joined.values()].sort((a, b) => (a.clusterIds[0] ?? 0) - (b.clusterIds[0] ?? 0));
}
