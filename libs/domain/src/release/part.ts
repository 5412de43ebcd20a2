import type { Digest } from '../json/index.js';

/** What some targets of an app get by a release. Clusters with equal output share one. */
export interface Part {
  readonly bundle: Digest;
  readonly policy: Digest;
  /** Ascending. */
  readonly clusterIds: readonly number[];
}

export interface PartContent {
  readonly bundle: Digest;
  readonly policy: Digest;
}

/** Parts by cluster. */
export function assignmentsOf(parts: readonly Part[]): Map<number, PartContent> {
  return new Map(
    parts.flatMap(({ bundle, policy, clusterIds }) => clusterIds.map((id) => [id, { bundle, policy }] as const)),
  );
}

/** Brings parts into their one form: equal ones joined, clusters ascending, parts ordered by digests. */
export function joinParts(parts: readonly Part[]): Part[] {
  const joined = new Map<string, { bundle: Digest; policy: Digest; clusterIds: number[] }>();
  for (const { bundle, policy, clusterIds } of parts) {
    const key = `${bundle} ${policy}`;
    const part = joined.get(key) ?? { bundle, policy, clusterIds: [] };
    part.clusterIds.push(...clusterIds);
    joined.set(key, part);
  }
  const keys = [...joined.keys()].sort();
  return keys
    .flatMap((key) => joined.get(key) ?? [])
    .map((part) => ({ ...part, clusterIds: part.clusterIds.sort((a, b) => a - b) }));
}

export function partsEqual(a: readonly Part[], b: readonly Part[]): boolean {
  return printParts(a) === printParts(b);
}

function printParts(parts: readonly Part[]): string {
  return joinParts(parts)
    .filter((part) => part.clusterIds.length > 0)
    .map((part) => `${part.bundle} ${part.policy} ${part.clusterIds.join()}`)
    .join('\n');
}
