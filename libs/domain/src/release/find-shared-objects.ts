import { ScopeTable } from '../content/index.js';
import type { KubeObject, ObjectRef } from '../json/index.js';
import { printRef } from '../json/index.js';
import type { Place } from '../problem/index.js';
import type { EvaluatedApp } from './evaluation.js';
import type { ClusterProblem } from './resolve-targets.js';

/** What some targets of an app want. */
export interface Claim {
  readonly app: string;
  /** Where the app is defined. */
  readonly place: Place;
  /** Where objects without a namespace will be. */
  readonly namespace: string;
  readonly clusterIds: readonly number[];
  readonly refs: readonly ObjectRef[];
  /** CRDs among the objects: they say which kinds live outside namespaces. */
  readonly definitions: readonly KubeObject[];
}

const known = new WeakMap<EvaluatedApp['assembled'], Claim[]>();

/** What an app wants, by part. */
export function claimsOf(app: EvaluatedApp): Claim[] {
  const claims = known.get(app.assembled) ?? readClaims(app);
  known.set(app.assembled, claims);
  return claims;
}

function readClaims({ definition, assembled }: EvaluatedApp): Claim[] {
  return assembled.parts.flatMap((part): Claim[] => {
    const bundle = assembled.bundles.get(part.bundle);
    const namespace = assembled.policies.get(part.policy)?.namespace ?? definition.namespace;
    if (!bundle) return [];
    const crds = bundle.entries
      .filter(({ ref }) => ref.kind === 'CustomResourceDefinition')
      .map(({ objectId }) => objectId);
    const definitions = bundle.contents
      .filter(({ id }) => crds.includes(id))
      .map(({ text }) => JSON.parse(text) as KubeObject);
    const refs = bundle.entries.map(({ ref }) => ref);
    return [
      { app: definition.name, place: definition.place, namespace, clusterIds: part.clusterIds, refs, definitions },
    ];
  });
}

export interface SharedInput {
  readonly claims: readonly Claim[];
  readonly clusterNames: ReadonlyMap<number, string>;
}

/** Objects that two apps want on one cluster: a problem of both, found before anything is applied. */
export function findSharedObjects({ claims, clusterNames }: SharedInput): ClusterProblem[] {
  const scopes = new ScopeTable(claims.flatMap((claim) => claim.definitions));
  const claimed = new Map<string, { claim: Claim; ref: ObjectRef }[]>();
  for (const claim of claims) {
    for (const ref of claim.refs) {
      const key = scopes.keyOf(ref, claim.namespace);
      const sharers = claimed.get(key);
      if (sharers) sharers.push({ claim, ref });
      else claimed.set(key, [{ claim, ref }]);
    }
  }
  const contested = [...claimed.values()].filter((sharers) => sharers.length > 1);
  return contested.flatMap((sharers) => compareAll(sharers, clusterNames));
}

interface Sharer {
  readonly claim: Claim;
  readonly ref: ObjectRef;
}

function compareAll(sharers: readonly Sharer[], names: ReadonlyMap<number, string>): ClusterProblem[] {
  return sharers.flatMap((one) => {
    const others = sharers.filter(({ claim }) => claim.app !== one.claim.app);
    return others.flatMap((other) => compare(one, other, names));
  });
}

function compare({ claim, ref }: Sharer, other: Sharer, names: ReadonlyMap<number, string>): ClusterProblem[] {
  const theirs = new Set(other.claim.clusterIds);
  const both = claim.clusterIds.filter((id) => theirs.has(id));
  if (both.length === 0) return [];
  const { file, line } = other.claim.place;
  return [
    {
      code: 'sharedObject',
      severity: 'error',
      subject: { kind: 'App', name: claim.app },
      place: claim.place,
      field: '',
      message: `${printRef(ref)} is wanted by the app "${other.claim.app}" too (${file}:${line})`,
      hint: 'Remove it from one of them, or let them run on different clusters.',
      clusters: both.map((id) => names.get(id) ?? String(id)),
    },
  ];
}
