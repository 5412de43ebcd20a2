import type { ContentProblem, ManifestObject } from '../content/index.js';
import { ScopeTable } from '../content/index.js';
import type { AppDefinition, FleetDefinitions, ProjectDefinition } from '../definitions/index.js';
import { DEFAULT_PROJECT, pathMatcher } from '../definitions/index.js';
import { groupOf, printRef, refOf } from '../json/index.js';
import type { ClusterFacts, Groups, ResolvedApp } from '../match/index.js';
import { clusterMatches } from '../match/index.js';

const NOWHERE = { file: '', line: 0, column: 0 };

/**
 * The project whose limits an app keeps; undefined for an app without limits: outside every project, when none is called
 * `default`.
 */
export function projectOfApp(
  app: AppDefinition,
  projects: FleetDefinitions['projects'],
): ProjectDefinition | undefined {
  if (Object.hasOwn(projects, app.project)) return projects[app.project];
  return app.project === DEFAULT_PROJECT ? undefined : nothingAllowed(app.project);
}

/** A project that is not there allows nothing. */
function nothingAllowed(name: string): ProjectDefinition {
  const none = { paths: [], sources: [], namespaces: [], clusterScoped: [], serviceAccounts: [], roles: [] };
  return { kind: 'Project', name, labels: {}, place: NOWHERE, ...none, defaults: { targets: [] } };
}

/** Whether apps of a project may run on a cluster. */
export function mayRunOn(project: ProjectDefinition, cluster: ClusterFacts, groups: Groups): boolean {
  return project.clusters !== undefined && clusterMatches(project.clusters, cluster, groups);
}

/** What an app may not be, whatever it renders to: its source, and apps of others that it would take over. */
export function checkProjectOfApp(
  app: AppDefinition,
  project: ProjectDefinition,
  apps: FleetDefinitions['apps'],
): ContentProblem[] {
  const problems: ContentProblem[] = [];
  if (app.source !== undefined && !allows(project.sources, app.source)) {
    problems.push(refusal(project, 'sources', { field: 'spec.source.name', what: `source "${app.source}"` }));
  }
  app.formerly.forEach((name, index) => {
    const other = Object.hasOwn(apps, name) ? apps[name] : undefined;
    if (other === undefined || other.project === app.project) return;
    const message = `the app "${name}" belongs to the project "${other.project}"`;
    const hint = 'An app follows one of its own project only.';
    problems.push(problemAt({ field: `spec.formerly[${index}]`, message, hint }));
  });
  return problems;
}

/** What an app may not be on some of its targets: the namespace and account it writes with, and each object rendered. */
export function checkProjectOfObjects(
  project: ProjectDefinition,
  { namespace, serviceAccount }: Pick<ResolvedApp, 'namespace' | 'serviceAccount'>,
  objects: readonly ManifestObject[],
): ContentProblem[] {
  const problems: ContentProblem[] = [];
  if (!allows(project.namespaces, namespace)) {
    problems.push(refusal(project, 'namespaces', { field: 'spec.namespace', what: `namespace "${namespace}"` }));
  }
  if (!allows(project.serviceAccounts, serviceAccount)) {
    const who = serviceAccount === '' ? "the agent's own account" : `service account "${serviceAccount}"`;
    problems.push(refusal(project, 'serviceAccounts', { field: 'spec.serviceAccount', what: who }));
  }
  const scopes = new ScopeTable(objects.map(({ object }) => object));
  return [...problems, ...objects.flatMap((item) => checkObjectOf(project, item, scopes))];
}

function checkObjectOf(
  project: ProjectDefinition,
  { object, place }: ManifestObject,
  scopes: ScopeTable,
): ContentProblem[] {
  const { kind, metadata } = object;
  const what = printRef(refOf(object));
  if (!scopes.isClusterScoped(groupOf(object.apiVersion), kind)) {
    // One without a namespace of its own gets the app's, which is judged above.
    const { namespace } = metadata;
    if (namespace === undefined || allows(project.namespaces, namespace)) return [];
    const said = `${what} in the namespace "${namespace}"`;
    return [{ ...refusal(project, 'namespaces', { field: 'metadata.namespace', what: said }), place }];
  }
  if (!project.clusterScoped.some((allowed) => allowed === kind || allowed === '*')) {
    return [
      { ...refusal(project, 'clusterScoped', { field: 'kind', what: `${what}, which is cluster-scoped` }), place },
    ];
  }
  if (kind !== 'Namespace' || allows(project.namespaces, metadata.name)) return [];
  return [{ ...refusal(project, 'namespaces', { field: 'metadata.name', what: what }), place }];
}

function allows(patterns: readonly string[], name: string): boolean {
  return name !== '' && patterns.some((pattern) => pathMatcher(pattern)(name));
}

type Limit = 'sources' | 'namespaces' | 'clusterScoped' | 'serviceAccounts';

function refusal(
  project: ProjectDefinition,
  limit: Limit,
  { field, what }: { readonly field: string; readonly what: string },
): ContentProblem {
  const list = project[limit].length === 0 ? 'none' : project[limit].join(', ');
  const message = `the project "${project.name}" does not allow ${what}`;
  const hint = `Its ${limit}: ${list}. Change the app, or ask who owns the Project to allow it.`;
  return problemAt({ field, message, hint });
}

function problemAt(said: Pick<ContentProblem, 'field' | 'message' | 'hint'>): ContentProblem {
  return { code: 'notAllowedHere', severity: 'error', place: NOWHERE, ...said };
}
