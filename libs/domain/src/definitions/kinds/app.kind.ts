import { folderOf } from '../clean-path.js';
import type { AppDefinition, AppOverride, ChartReference, DefinitionHead } from '../definition.js';
import { DEFAULT_PROJECT } from '../definition.js';
import { jsonObject, list, oneOrMany } from '../fields/collection-types.js';
import { choiceFields, clusterChoice, neededChoice, referenceTo } from '../fields/cluster-types.js';
import { contentPatch, repositoryPath, substitutions, valuesFile } from '../fields/content-types.js';
import type { FieldType } from '../fields/field-type.js';
import type { ValuesOf } from '../fields/object-type.js';
import { defaulted, object, optional, refined, required } from '../fields/object-type.js';
import { applyField, budgetField, driftField, healthField } from '../fields/policy-types.js';
import { boolean, name, nameTemplate, oneOf, text } from '../fields/scalar-types.js';
import type { DocumentContext, KindRule } from './kind-rule.js';
import { defineKind, spotOf } from './kind-rule.js';

const source = object({
  name: optional(referenceTo('Source'), 'Name of a Source.', 'the fleet repository'),
  path: optional(repositoryPath, 'Folder of the content.', 'the folder of this file'),
});

const chartObject = object({
  repo: required(text({ label: 'URL' }), 'Chart repository, e.g. `oci://registry.example/charts`.'),
  name: required(text({ label: 'chart name' }), 'Name of the chart.'),
  version: required(text({ label: 'version' }), 'Exact version of the chart.'),
});

/** Read, so that mistakes in it show, and refused: charts are not rendered yet. */
const chart: FieldType<ChartReference> = refined(chartObject, (value, node, at): ChartReference => {
  const message = 'charts from a chart repository are not supported yet';
  at.error({
    code: 'notSupported',
    spot: node.spot,
    message,
    hint: 'Use plain manifests or Kustomize through source.path.',
  });
  return value;
});

const decrypt: FieldType<never> = {
  label: 'reserved',
  schema: { not: {} },
  read(node, at): undefined {
    const message = 'decryption in the agent does not exist yet';
    at.error({
      code: 'notSupported',
      spot: node.spot,
      message,
      hint: 'Remove decrypt; use a secret operator in the cluster.',
    });
  },
};

const overrideFields = {
  name: required(name, 'Name of the override.'),
  ...choiceFields,
  path: optional(repositoryPath, 'Another folder for these clusters.', 'the path of the app'),
  values: optional(jsonObject, 'Merged over the values so far.'),
  patches: defaulted(list(contentPatch), 'Changes of rendered objects.', { value: [] }),
  substitute: defaulted(substitutions, 'Added to the substitutions so far.', { value: {} }),
};

const override = refined(object(overrideFields), (values, node, at): AppOverride | undefined => {
  const { selector: _selector, group: _group, clusters: _clusters, all: _all, ...rest } = values;
  const choice = neededChoice(values, node, at);
  return choice === undefined ? undefined : { ...rest, choice };
});

const spec = {
  source: optional(source, 'Where the content is.', 'this repository, the folder of this file'),
  chart: optional(chart, 'A chart instead of content in Git.'),
  namespace: optional(nameTemplate, 'Namespace of objects that name none.', 'the name of the app'),
  createNamespace: defaulted(boolean, 'Whether the agent makes the namespace when it is missing.', { value: true }),
  valuesFiles: defaulted(
    list(valuesFile),
    'Helm values from files beside the content, each a path or `{path, optional}`; later ones win.',
    { value: [] },
  ),
  values: defaulted(jsonObject, 'Helm values; a list replaces, a map merges, `null` removes.', { value: {} }),
  targets: optional(
    list(clusterChoice),
    'Clusters to run on: any of them.',
    'the targets of the project, else an error',
  ),
  except: defaulted(oneOrMany(clusterChoice), 'Clusters to leave out.', { value: [] }),
  overrides: defaulted(list(override), 'What differs on some clusters: every match applies, in this order.', {
    value: [],
  }),
  substitute: defaulted(substitutions, 'Names that content may use as `${NAME}`.', { value: {} }),
  strategy: optional(referenceTo('RolloutStrategy'), 'How releases move.', 'that of the project, else one wave of all'),
  dependsOn: defaulted(list(referenceTo('App')), 'Apps that must be healthy first, in the same cluster.', {
    value: [],
  }),
  serviceAccount: optional(
    nameTemplate,
    'Service account that every write is made as.',
    'that of the project, else the agent',
  ),
  mode: defaulted(oneOf('manage', 'observe'), '`observe`: report what would be done and write nothing.', {
    value: 'manage',
  }),
  apply: applyField,
  drift: driftField,
  health: healthField,
  budget: budgetField,
  onDelete: defaulted(oneOf('ask', 'orphan', 'prune'), 'What happens to objects when the app leaves a cluster.', {
    value: 'ask',
  }),
  formerly: defaulted(list(name), 'Former names of the app: renames without deleting.', { value: [] }),
  allowEmpty: defaulted(boolean, 'Whether content without objects is meant.', { value: false }),
  project: optional(name, 'Project of the app; it cannot name another.', 'the project that owns this file'),
  decrypt: optional(decrypt, 'Reserved for decryption in the agent; refused until it exists.'),
};

type AppSpec = ValuesOf<typeof spec>;

export const appKind: KindRule = defineKind({
  kind: 'App',
  doc: 'What to run: content, clusters, what differs there, and how it is rolled out and kept.',
  inProjects: true,
  spec: required(object(spec), 'What to run.'),
  build(head, values, context): AppDefinition | undefined {
    checkNames(head, values, context);
    const targets = targetsOf(values, context);
    const path = contentPath(values, context);
    if (targets === undefined || path === undefined) return undefined;
    const { source: from, project: _project, decrypt: _decrypt, ...rest } = values;
    return {
      ...rest,
      ...projectDefaults(values, context),
      kind: 'App',
      ...head,
      ...(from?.name === undefined ? {} : { source: from.name }),
      path,
      targets,
      namespace: rest.namespace ?? head.name,
    };
  },
});

function projectDefaults(
  values: AppSpec,
  { project }: DocumentContext,
): Pick<AppDefinition, 'project' | 'strategy' | 'serviceAccount'> {
  const strategy = values.strategy ?? project?.defaults.strategy;
  return {
    project: project?.name ?? DEFAULT_PROJECT,
    serviceAccount: values.serviceAccount ?? project?.defaults.serviceAccount ?? '',
    ...(strategy === undefined ? {} : { strategy }),
  };
}

function targetsOf(values: AppSpec, context: DocumentContext): AppDefinition['targets'] | undefined {
  const targets = values.targets ?? context.project?.defaults.targets;
  if (targets !== undefined && targets.length > 0) return targets;
  const given = values.targets !== undefined;
  context.at
    .member('spec')
    .member('targets')
    .error({
      code: given ? 'emptySelector' : 'missingField',
      spot: spotOf(context, 'targets'),
      message: given ? 'the list of targets is empty' : '"targets" is missing',
      hint: 'Say on which clusters it runs, e.g. targets: [{selector: "env=prod"}], or [{all: true}].',
    });
  return undefined;
}

function contentPath(values: AppSpec, context: DocumentContext): string | undefined {
  if (values.source?.path !== undefined) return values.source.path;
  if (values.source?.name === undefined) return folderOf(context.file);
  context.at
    .member('spec')
    .member('source')
    .error({
      code: 'missingField',
      spot: spotOf(context, 'source'),
      message: '"path" is missing: the content is in another repository',
      hint: 'Add path: the folder there, or "." for its root.',
    });
  return undefined;
}

function checkNames(head: DefinitionHead, values: AppSpec, context: DocumentContext): void {
  const owner = context.project?.name ?? DEFAULT_PROJECT;
  const complain = (field: string, message: string, hint: string): void => {
    const code = field === 'project' ? 'notAllowedHere' : 'invalidValue';
    context.at
      .member('spec')
      .member(field)
      .error({ code, spot: spotOf(context, field), message, hint });
  };
  if (values.project !== undefined && values.project !== owner) {
    complain(
      'project',
      `this file belongs to the project "${owner}"`,
      `Remove project, or move the file into a path of "${values.project}".`,
    );
  }
  if (values.formerly.includes(head.name)) {
    complain('formerly', 'an app cannot be its own former name', 'List former names only.');
  }
  const names = values.overrides.map((item) => item.name);
  const twice = names.find((item, index) => names.indexOf(item) !== index);
  if (twice !== undefined) complain('overrides', `two overrides are called "${twice}"`, 'Give each its own name.');
}
