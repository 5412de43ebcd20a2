import type { ManifestObject } from '../content/index.js';
import { isSecret, patchObjects, selects, substituteTexts } from '../content/index.js';
import type { AppDefinition } from '../definitions/index.js';
import { printChoice } from '../definitions/index.js';
import type { Json, KubeObject, ObjectRef } from '../json/index.js';
import { refOf } from '../json/index.js';
import type { ClusterFacts, Groups, ResolvedApp } from '../match/index.js';
import { clusterMatches, resolveApp } from '../match/index.js';
import type { Place } from '../problem/index.js';
import { valueAt } from './value-at.js';

/** One thing that an app's definition says for a cluster, and which of its overrides says it. */
export interface ExplainedSetting {
  readonly field: 'path' | 'namespace' | 'serviceAccount';
  readonly value: string;
  /** Name of an override; undefined: the app itself. */
  readonly override: string | undefined;
}

export interface ExplainedOverride {
  readonly name: string;
  readonly choice: string;
  readonly applies: boolean;
}

/** What gave a field its value: the content, a patch of an override, or a substitution. */
export interface ExplainedStep {
  readonly by: 'content' | 'patch' | 'substitute';
  /** Name of the override that says so; undefined: content, or the app itself. */
  readonly override: string | undefined;
  /** Where in the app's definition; empty for content. */
  readonly field: string;
  /** Of a field that the step took away undefined; of Secrets always. */
  readonly value: Json | undefined;
}

export interface ExplainedField {
  readonly ref: ObjectRef;
  /** Where the object begins in the content. */
  readonly place: Place;
  /** In their order: the last one set the value. */
  readonly steps: readonly ExplainedStep[];
}

export interface Explanation {
  readonly settings: readonly ExplainedSetting[];
  readonly overrides: readonly ExplainedOverride[];
  /** Objects that have the field, or had it. */
  readonly fields: readonly ExplainedField[];
}

export interface ExplainInput {
  readonly app: AppDefinition;
  readonly cluster: ClusterFacts;
  readonly groups: Groups;
  /** Of the resolved path, before anything differs per cluster. */
  readonly objects: readonly ManifestObject[];
  /** `spec.replicas`; of pod templates also what follows `spec.template.spec`. Absent: no field. */
  readonly field: string | undefined;
}

/** Which file or override set what a cluster gets of an app. Undefined when variables are missing there. */
export function explainTarget({ app, cluster, groups, objects, field }: ExplainInput): Explanation | undefined {
  const { resolved } = resolveApp(app, cluster, groups);
  if (resolved === undefined) return undefined;
  return {
    settings: settingsOf(app, resolved),
    overrides: app.overrides.map(({ name, choice }) => {
      return { name, choice: printChoice(choice), applies: clusterMatches(choice, cluster, groups) };
    }),
    fields: field === undefined ? [] : explainField({ app, resolved, objects, field }),
  };
}

function settingsOf(
  app: AppDefinition,
  { path, namespace, serviceAccount, overrides }: ResolvedApp,
): ExplainedSetting[] {
  const setter = app.overrides.findLast((each) => overrides.includes(each.name) && each.path !== undefined);
  return [
    { field: 'path', value: path, override: setter?.name },
    { field: 'namespace', value: namespace, override: undefined },
    { field: 'serviceAccount', value: serviceAccount, override: undefined },
  ];
}

interface FieldInput {
  readonly app: AppDefinition;
  readonly resolved: ResolvedApp;
  readonly objects: readonly ManifestObject[];
  readonly field: string;
}

interface Layer {
  readonly step: Pick<ExplainedStep, 'by' | 'override' | 'field'>;
  readonly apply: (objects: readonly ManifestObject[]) => readonly ManifestObject[];
}

function explainField({ app, resolved, objects, field }: FieldInput): ExplainedField[] {
  const stages: { step: Layer['step']; objects: readonly ManifestObject[] }[] = [
    { step: { by: 'content', override: undefined, field: '' }, objects },
  ];
  for (const { step, apply } of layersOf(app, resolved)) {
    stages.push({ step, objects: apply(stages.at(-1)?.objects ?? []) });
  }
  return objects.flatMap((first, index): ExplainedField[] => {
    const found = stages.map(({ step, objects: at }) => ({ step, value: valueAt(at[index]?.object, field) }));
    const changed = found.filter(({ value }, at) => print(value) !== print(found[at - 1]?.value));
    if (changed.length === 0) return [];
    const hidden = isSecret(first.object);
    const steps = changed.map(({ step, value }) => ({ ...step, value: hidden ? undefined : value }));
    return [{ ref: refIn(first.object, resolved), place: first.place, steps }];
  });
}

function print(value: Json | undefined): string | undefined {
  return JSON.stringify(value);
}

function refIn(object: KubeObject, { namespace }: ResolvedApp): ObjectRef {
  const ref = refOf(object);
  return { ...ref, namespace: ref.namespace === '' ? namespace : ref.namespace };
}

/** Patches and then substitutions, each as a step of its own. */
function layersOf(app: AppDefinition, { patches, overrides, namespace, substitute }: ResolvedApp): Layer[] {
  const written = app.overrides.flatMap(({ name, patches: own }, index) =>
    overrides.includes(name) ? own.map((_, at) => ({ name, field: `spec.overrides[${index}].patches[${at}]` })) : [],
  );
  const ofPatches = patches.map((patch, at): Layer => {
    const { name, field } = written[at] ?? { name: undefined, field: 'spec.overrides' };
    return {
      step: { by: 'patch', override: name, field },
      apply: (objects) =>
        objects.some(({ object }) => selects(patch.target, object, namespace))
          ? patchObjects(objects, [patch], namespace).objects
          : objects,
    };
  });
  const ofTexts = Object.keys(substitute).map((key): Layer => {
    const index = app.overrides.findLastIndex(
      (each) => overrides.includes(each.name) && Object.hasOwn(each.substitute, key),
    );
    const at = index < 0 ? 'spec' : `spec.overrides[${index}]`;
    const value = { [key]: substitute[key] ?? '' };
    return {
      step: { by: 'substitute', override: app.overrides[index]?.name, field: `${at}.substitute.${key}` },
      apply: (objects) => objects.map((item) => ({ ...item, object: substituteTexts(item.object, value) })),
    };
  });
  return [...ofPatches, ...ofTexts];
}
