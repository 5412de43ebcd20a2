import type { Bundle, ContentProblem, ManifestObject, RenderedContent } from '../content/index.js';
import { ScopeTable, buildBundle, patchObjects, problemsOf, substituteTexts } from '../content/index.js';
import type { AppDefinition, FleetDefinitions, ProjectDefinition } from '../definitions/index.js';
import { policyOf } from '../definitions/index.js';
import type { Digest, KubeObject } from '../json/index.js';
import { printRef, refOf } from '../json/index.js';
import type { Policy } from '../policy/index.js';
import { policyDigest } from '../policy/index.js';
import { checkProjectOfApp, checkProjectOfObjects } from './check-project.js';
import type { Part } from './part.js';
import { joinParts } from './part.js';
import type { ClusterProblem, ResolvedTargets, Variant } from './resolve-targets.js';

/** All that an app is now: its parts with what they name, or the problems that stand in the way of all of it. */
export interface AssembledApp {
  readonly parts: readonly Part[];
  readonly bundles: ReadonlyMap<Digest, Bundle>;
  readonly policies: ReadonlyMap<Digest, Policy>;
  readonly problems: readonly ClusterProblem[];
}

export interface AssemblyInput {
  readonly app: AppDefinition;
  readonly targets: ResolvedTargets;
  /** Rendered content by path. */
  readonly contents: ReadonlyMap<string, RenderedContent>;
  /** Lower-case hex. */
  readonly secretSalt: string;
  /** Whose limits it keeps; absent: none. */
  readonly project?: ProjectDefinition | undefined;
  /** All apps of the fleet. */
  readonly apps?: FleetDefinitions['apps'];
}

/** Puts an app's parts together. All or nothing: any problem leaves no part (invariant 5). */
export function assembleApp(input: AssemblyInput): AssembledApp {
  const problems = [...input.targets.problems, ...projectProblems(input), ...contentProblems(input)];
  const assembly = new Assembly(input);
  if (!problems.some(isError)) for (const variant of input.targets.variants) problems.push(...assembly.add(variant));
  if (problems.some(isError)) return { parts: [], bundles: new Map(), policies: new Map(), problems };
  return { parts: joinParts(assembly.parts), bundles: assembly.bundles, policies: assembly.policies, problems };
}

function isError({ severity }: ClusterProblem): boolean {
  return severity === 'error';
}

function projectProblems({ app, project, apps = {} }: AssemblyInput): ClusterProblem[] {
  return project === undefined ? [] : appProblems(app, checkProjectOfApp(app, project, apps));
}

function contentProblems({ app, contents }: AssemblyInput): ClusterProblem[] {
  const ofContent = [...contents].flatMap(([path, content]) => {
    const empty = content.problems.length === 0 && content.objects.length === 0 && !app.allowEmpty;
    const problems = empty ? [noObjects(path)] : content.problems;
    return appProblems(
      app,
      problems.map((problem) => (problem.place.file === '' ? { ...problem, field: pathField(app, path) } : problem)),
    );
  });
  return [...ofContent, ...appProblems(app, valuesProblems(app))];
}

/** Where a path is written. */
function pathField(app: AppDefinition, path: string): string {
  const index = app.path === path ? -1 : app.overrides.findIndex((override) => override.path === path);
  return index < 0 ? 'spec.source.path' : `spec.overrides[${index}].path`;
}

/** Values that nothing reads would be taken for an effect that they do not have. */
function valuesProblems(app: AppDefinition): ContentProblem[] {
  const given = [
    ...(Object.keys(app.values).length > 0 ? ['spec.values'] : []),
    ...(app.valuesFiles.length > 0 ? ['spec.valuesFiles'] : []),
    ...app.overrides.flatMap(({ values }, index) => (values === undefined ? [] : [`spec.overrides[${index}].values`])),
  ];
  return given.map((field): ContentProblem => {
    const message = 'Helm values have no effect: the content is no Helm chart, and charts are not supported yet';
    const hint = 'Remove them; use patches or substitute for what differs between clusters.';
    return { code: 'notSupported', severity: 'error', place: { file: '', line: 0, column: 0 }, field, message, hint };
  });
}

function noObjects(path: string): ContentProblem {
  const message = `there is no object in "${path === '' ? '.' : path}"`;
  const hint = 'Correct the path, add manifests, or say allowEmpty: true when that is meant.';
  return {
    code: 'noObjects',
    severity: 'error',
    place: { file: '', line: 0, column: 0 },
    field: 'spec.source.path',
    message,
    hint,
  };
}

/** Problems without a place of their own are shown where the app is defined. */
function appProblems(
  app: AppDefinition,
  problems: readonly ContentProblem[],
  clusters: readonly string[] = [],
): ClusterProblem[] {
  return problemsOf({ kind: 'App', name: app.name }, problems).map((problem) => ({
    ...problem,
    place: problem.place.file === '' ? app.place : problem.place,
    clusters,
  }));
}

class Assembly {
  readonly parts: Part[] = [];
  readonly bundles = new Map<Digest, Bundle>();
  readonly policies = new Map<Digest, Policy>();

  constructor(private readonly input: AssemblyInput) {}

  add({ resolved, clusterIds }: Variant): ClusterProblem[] {
    const { app, contents, secretSalt, project } = this.input;
    const content = contents.get(resolved.path)?.objects ?? [];
    const { objects: patched, errors } = patchObjects(content, resolved.patches, resolved.namespace);
    if (errors.length > 0) {
      const fields = patchFields(app, resolved.overrides);
      return appProblems(
        app,
        errors.map(({ patch, message }) => patchProblem(fields[patch] ?? 'spec.overrides', message)),
      );
    }
    const objects = patched.map((item) => ({ ...item, object: substituteTexts(item.object, resolved.substitute) }));
    const refused = project === undefined ? [] : checkProjectOfObjects(project, resolved, objects);
    const wrong = [...findSame(objects, resolved.namespace), ...refused];
    if (wrong.length > 0) return appProblems(app, wrong);
    if (objects.length === 0) return [];
    const bundle = this.bundleOf(
      objects.map(({ object }) => object),
      secretSalt,
    );
    const policy = policyOf(app, resolved);
    const digest = policyDigest(policy);
    this.policies.set(digest, policy);
    this.parts.push({ bundle: bundle.digest, policy: digest, clusterIds });
    return [];
  }

  private bundleOf(objects: readonly KubeObject[], secretSalt: string): Bundle {
    const bundle = buildBundle(objects, secretSalt);
    this.bundles.set(bundle.digest, bundle);
    return bundle;
  }
}

/** Where the patches that apply on a cluster are written, in their order. */
function patchFields(app: AppDefinition, overrides: readonly string[]): string[] {
  return app.overrides.flatMap(({ name, patches }, index) => {
    return overrides.includes(name) ? patches.map((_, at) => `spec.overrides[${index}].patches[${at}]`) : [];
  });
}

function patchProblem(field: string, message: string): ContentProblem {
  const place = { file: '', line: 0, column: 0 };
  const hint = 'Correct the target or the operations of the patch.';
  return { code: 'patchFailed', severity: 'error', place, field, message, hint };
}

/** Objects that would be one in the cluster. */
function findSame(objects: readonly ManifestObject[], namespace: string): ContentProblem[] {
  const scopes = new ScopeTable(objects.map(({ object }) => object));
  const first = new Map<string, ManifestObject>();
  return objects.flatMap((item): ContentProblem[] => {
    const key = scopes.keyOfObject(item.object, namespace);
    const earlier = first.get(key);
    if (!earlier) {
      first.set(key, item);
      return [];
    }
    const message = `${printRef(refOf(item.object))} is there already: ${earlier.place.file}:${earlier.place.line}`;
    return [
      {
        code: 'manifestInvalid',
        severity: 'error',
        place: item.place,
        field: 'metadata.name',
        message,
        hint: 'Keep one of them.',
      },
    ];
  });
}
