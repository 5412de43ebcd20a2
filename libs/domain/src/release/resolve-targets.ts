import type { AppDefinition, ProjectDefinition } from '../definitions/index.js';
import { canonicalJson } from '../json/index.js';
import type { JsonObject } from '../json/index.js';
import type { ClusterFacts, Groups, MatchedTarget, ResolvedApp, ResolveResult } from '../match/index.js';
import { clusterMatches, matchTargets, resolveApp } from '../match/index.js';
import type { Problem } from '../problem/index.js';
import { mayRunOn } from './check-project.js';

/** Targets that get the same out of an app's definition. */
export interface Variant {
  readonly resolved: ResolvedApp;
  /** Ascending. */
  readonly clusterIds: readonly number[];
}

export interface ResolvedTargets {
  readonly variants: readonly Variant[];
  /** Why each target was selected, by cluster. */
  readonly reasons: ReadonlyMap<number, string>;
  readonly problems: readonly ClusterProblem[];
}

/** A problem with the clusters that it is about; empty when it is about the app as such. */
export interface ClusterProblem extends Problem {
  readonly clusters: readonly string[];
}

export interface TargetLimits {
  readonly groups: Groups;
  /** Whose clusters may be targets; absent: all. */
  readonly project?: ProjectDefinition | undefined;
}

/** Matches an app's targets and works out what it is on each, once for all clusters that cannot differ. */
export function resolveTargets(
  app: AppDefinition,
  clusters: readonly ClusterFacts[],
  limits: TargetLimits,
): ResolvedTargets {
  const { groups } = limits;
  const { matched, foreign } = matchAllowed(app, clusters, limits);
  const reasons = new Map(matched.map(({ clusterId, reason }) => [clusterId, reason]));
  const resolve = resolver(app, groups);
  const variants = new Map<string, { resolved: ResolvedApp; clusterIds: number[] }>();
  const problems = new Map<string, Problem & { clusters: string[] }>();
  for (const cluster of clusters) {
    if (!reasons.has(cluster.id)) continue;
    const result = resolve(cluster);
    for (const problem of result.problems) addProblem(problems, problem, cluster.name);
    if (result.resolved) addVariant(variants, result.resolved, cluster.id);
  }
  const sorted = [...variants.values()].map((variant) => ({
    ...variant,
    clusterIds: variant.clusterIds.sort((a, b) => a - b),
  }));
  return { variants: sorted, reasons, problems: [...problems.values(), ...foreignClusters(app, foreign)] };
}

/** The clusters that an app selects, and the names of those among them that its project does not have. */
function matchAllowed(
  app: AppDefinition,
  clusters: readonly ClusterFacts[],
  { groups, project }: TargetLimits,
): { readonly matched: readonly MatchedTarget[]; readonly foreign: readonly string[] } {
  const matched = matchTargets(app, clusters, groups);
  if (project === undefined) return { matched, foreign: [] };
  const outside = new Map(
    clusters.flatMap((cluster) => (mayRunOn(project, cluster, groups) ? [] : [[cluster.id, cluster.name] as const])),
  );
  return {
    matched: matched.filter(({ clusterId }) => !outside.has(clusterId)),
    foreign: matched.flatMap(({ clusterId }) => outside.get(clusterId) ?? []),
  };
}

/** Clusters that the project does not have get nothing new; the others move on, and nothing is removed meanwhile. */
function foreignClusters(app: AppDefinition, clusters: readonly string[]): ClusterProblem[] {
  if (clusters.length === 0) return [];
  const { name, place, project } = app;
  const message = `the project "${project}" does not have ${clusters.length === 1 ? 'a cluster' : `${clusters.length} clusters`} that it selects: nothing goes there`;
  const hint = 'Select clusters of the project only, or ask who owns the Project to widen spec.clusters.';
  const subject = { kind: 'App', name } as const;
  return [
    { code: 'notAllowedHere', severity: 'warning', subject, place, field: 'spec.targets', message, hint, clusters },
  ];
}

/** Clusters of one app differ by the overrides that apply, and by variables if its definition holds any. */
function resolver(app: AppDefinition, groups: Groups): (cluster: ClusterFacts) => ResolveResult {
  if (JSON.stringify(app).includes('${')) return (cluster) => resolveApp(app, cluster, groups);
  const known = new Map<string, ResolveResult>();
  return (cluster) => {
    const key = app.overrides.map((override) => Number(clusterMatches(override.choice, cluster, groups))).join('');
    const result = known.get(key) ?? resolveApp(app, cluster, groups);
    known.set(key, result);
    return result;
  };
}

function addVariant(
  variants: Map<string, { resolved: ResolvedApp; clusterIds: number[] }>,
  resolved: ResolvedApp,
  id: number,
): void {
  const key = canonicalJson(resolved as unknown as JsonObject);
  const variant = variants.get(key);
  if (variant) variant.clusterIds.push(id);
  else variants.set(key, { resolved, clusterIds: [id] });
}

/** One problem for all clusters that lack the same. */
function addProblem(problems: Map<string, Problem & { clusters: string[] }>, problem: Problem, cluster: string): void {
  const key = `${problem.code} ${problem.field} ${problem.message.replace(`"${cluster}"`, '')}`;
  const known = problems.get(key);
  if (known) known.clusters.push(cluster);
  else problems.set(key, { ...problem, clusters: [cluster] });
}
