import { Inject, Injectable } from '@nestjs/common';
import type {
  Digest,
  DriftEntry,
  FieldChange,
  Json,
  ObjectChange,
  Part,
  PartChange,
  PartDifference,
} from '@flotilla/domain';
import { Fault, joinDifferences, pairParts, parseJson, refKey } from '@flotilla/domain';
import { BundleReader } from './bundle-reader.service.js';
import type { LiveTarget, ReleaseRange, StoredRelease } from './release-history.repository.js';
import { ReleaseHistoryRepository } from './release-history.repository.js';

export interface NamedDifference extends Omit<PartDifference, 'clusterIds'> {
  /** Names, sorted. */
  readonly clusters: readonly string[];
}

export interface ReleaseDifference {
  readonly app: string;
  readonly from: StoredRelease;
  readonly to: StoredRelease;
  /** From the older to the newer of the two. */
  readonly releases: readonly StoredRelease[];
  readonly items: readonly NamedDifference[];
}

export interface LiveDifference extends NamedDifference {
  /** `notApplied`: from what was applied to what is allowed; `drift`: from what is live to what is allowed. */
  readonly kind: 'notApplied' | 'drift';
  readonly observedAt: Date;
}

export interface AppDifference {
  readonly app: string;
  readonly items: readonly LiveDifference[];
  /** Clusters that have not said anything yet. */
  readonly unobserved: readonly string[];
}

export interface Within {
  /** Only this cluster. */
  readonly cluster?: string | undefined;
}

/** What is different between two releases, or between what is allowed and what is there. */
@Injectable()
export class DifferencesService {
  constructor(
    @Inject(ReleaseHistoryRepository) private readonly history: ReleaseHistoryRepository,
    @Inject(BundleReader) private readonly bundles: BundleReader,
  ) {}

  /** @throws Fault notFound */
  async betweenReleases({ app, from, to }: ReleaseRange, { cluster }: Within): Promise<ReleaseDifference> {
    await this.requireApp(app);
    const releases = await this.history.loadReleases({ app, from: Math.min(from, to), to: Math.max(from, to) });
    const sides = { from: releaseOf(releases, app, from), to: releaseOf(releases, app, to) };
    const names = await this.history.loadClusterNames();
    const wanted = cluster === undefined ? undefined : idOf(names, cluster);
    const pairs = pairParts(sides.from.parts, sides.to.parts).map((pair) => narrow(pair, wanted));
    const differences: PartDifference[] = [];
    for (const pair of pairs) if (pair.clusterIds.length > 0) differences.push(await this.diffPair(pair));
    return { app, ...sides, releases, items: joinDifferences(differences).map((each) => named(each, names)) };
  }

  private async diffPair({ before, after, clusterIds }: PartChange): Promise<PartDifference> {
    const objects = await this.bundles.diffBundles(before?.bundle, after?.bundle);
    return { clusterIds, objects, policy: await this.bundles.diffPolicies(before?.policy, after?.policy) };
  }

  /** @throws Fault notFound */
  async liveOf(app: string, { cluster }: Within): Promise<AppDifference> {
    await this.requireApp(app);
    const all = await this.history.loadTargets(app);
    const targets = all.filter((target) => cluster === undefined || target.cluster === cluster);
    if (cluster !== undefined && targets.length === 0)
      throw new Fault('notFound', `${app} has no target on ${cluster}`, `flotilla get targets --app ${app}`);
    const allowed = targets.filter(({ allowedBundle }) => allowedBundle !== null);
    const observed = allowed.filter(({ observedAt }) => observedAt !== null);
    const items = [...(await this.notApplied(observed)), ...drifted(observed)];
    return {
      app,
      items,
      unobserved: allowed.filter(({ observedAt }) => observedAt === null).map((each) => each.cluster),
    };
  }

  private async notApplied(targets: readonly LiveTarget[]): Promise<LiveDifference[]> {
    const differences: PartDifference[] = [];
    for (const move of moves(targets)) differences.push(await this.diffPair(move));
    return live('notApplied', differences, targets);
  }

  private async requireApp(app: string): Promise<void> {
    if (!(await this.history.hasApp(app))) throw new Fault('notFound', `there is no app ${app}`, 'flotilla get apps');
  }
}

function releaseOf(releases: readonly StoredRelease[], app: string, number: number): StoredRelease {
  const found = releases.find((release) => release.number === number);
  if (found) return found;
  throw new Fault('notFound', `${app} has no release ${number}`, `flotilla get releases --app ${app}`);
}

function idOf(names: ReadonlyMap<number, string>, cluster: string): number {
  const id = [...names].find(([, name]) => name === cluster)?.[0];
  if (id === undefined) throw new Fault('notFound', `there is no cluster ${cluster}`, 'flotilla get clusters');
  return id;
}

function named({ clusterIds, ...rest }: PartDifference, names: ReadonlyMap<number, string>): NamedDifference {
  return { clusters: clusterIds.map((id) => names.get(id) ?? `#${id}`).sort(), ...rest };
}

function narrow(pair: PartChange, clusterId: number | undefined): PartChange {
  return { ...pair, clusterIds: pair.clusterIds.filter((id) => clusterId === undefined || id === clusterId) };
}

/** From the last complete pass of each target to what is allowed there, where that is something else. */
function moves(targets: readonly LiveTarget[]): PartChange[] {
  const applied = targets.flatMap((target) => partOf(target, target.appliedBundle, target.appliedPolicy));
  const allowed = targets.flatMap((target) => partOf(target, target.allowedBundle, target.allowedPolicy));
  return pairParts(applied, allowed);
}

function partOf({ clusterId }: LiveTarget, bundle: Digest | null, policy: Digest | null): Part[] {
  return bundle === null || policy === null ? [] : [{ bundle, policy, clusterIds: [clusterId] }];
}

function drifted(targets: readonly LiveTarget[]): LiveDifference[] {
  const differences = targets.map(({ clusterId, drifts }): PartDifference => {
    const open = drifts.filter(({ healed }) => !healed);
    return { clusterIds: [clusterId], objects: joinFields(open.map(toObjectChange)), policy: [] };
  });
  return live('drift', differences, targets);
}

/** One entry per object. */
function joinFields(changes: readonly ObjectChange[]): ObjectChange[] {
  const joined = new Map<string, ObjectChange>();
  for (const change of changes) {
    const key = refKey(change.ref);
    joined.set(key, { ...change, fields: [...(joined.get(key)?.fields ?? []), ...change.fields] });
  }
  return [...joined.values()];
}

function live(
  kind: LiveDifference['kind'],
  differences: readonly PartDifference[],
  targets: readonly LiveTarget[],
): LiveDifference[] {
  const names = new Map(targets.map(({ clusterId, cluster }) => [clusterId, cluster]));
  const times = new Map(targets.map(({ clusterId, observedAt }) => [clusterId, observedAt?.getTime() ?? 0]));
  return joinDifferences(differences).map((difference) => ({
    kind,
    // The age of what is claimed is that of its oldest observation.
    observedAt: new Date(Math.min(...difference.clusterIds.map((id) => times.get(id) ?? 0))),
    ...named(difference, names),
  }));
}

/** A drift as what healing it changes: from what is live to what is wanted. */
function toObjectChange({ ref, kind, field, wanted, live: found }: DriftEntry): ObjectChange {
  if (kind === 'deleted') return { ref, change: 'added', fields: [] };
  const change: FieldChange = {
    field,
    change: changeOfTexts(found, wanted),
    ...(found !== '' && { before: parseText(found) }),
    ...(wanted !== '' && { after: parseText(wanted) }),
  };
  return { ref, change: 'changed', fields: [change] };
}

/** Of Secrets both texts are empty. */
function changeOfTexts(live: string, wanted: string): FieldChange['change'] {
  if (live === '' && wanted !== '') return 'added';
  return live !== '' && wanted === '' ? 'removed' : 'changed';
}

/** Agents cut long values: what is no JSON any more is text. */
function parseText(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
