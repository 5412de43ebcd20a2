import { readYaml } from '../definitions/read-yaml.js';
import type { YamlMap, YamlNode } from '../definitions/yaml-node.js';
import { entryOf, nearestSpot, textAt } from '../definitions/yaml-node.js';
import type { Place } from '../problem/index.js';
import type { ContentProblem } from './content-problem.js';
import { contentError, placeOfFile } from './content-problem.js';

/** Names that Kustomize looks for, in its order. */
export const KUSTOMIZATION_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/** A file or folder that a kustomization names. */
export interface KustomizeReference {
  readonly path: string;
  readonly place: Place;
  readonly field: string;
}

export interface Kustomization {
  readonly references: readonly KustomizeReference[];
  readonly problems: readonly ContentProblem[];
}

const LISTS = [
  'resources',
  'bases',
  'components',
  'crds',
  'configurations',
  'generators',
  'transformers',
  'validators',
];
const SOURCES = ['resources', 'bases', 'components', 'generators', 'configMapGenerator', 'secretGenerator'];
const REFUSED = ['helmCharts', 'helmChartInflationGenerator', 'helmGlobals'];
const REMOTE = /:\/\/|^git@|^git::|^[^/]+@[^/]+:|[?&](ref|version)=|^(github|gitlab|bitbucket)\.[a-z]+[/:]/;

/** What a kustomization refers to; everything that would make it read from elsewhere or do nothing is a problem. */
export function readKustomization(file: string, content: string): Kustomization {
  const { documents, errors } = readYaml(content, 'keep');
  const root = documents[0]?.root;
  const wrong = [...errors, ...documents.flatMap((document) => document.errors)];
  if (wrong.length > 0) {
    const problems = wrong.map(({ code, spot, message, hint }) =>
      contentError(code, { file, ...spot }, [message, hint]),
    );
    return { references: [], problems };
  }
  if (root?.type !== 'map') return { references: [], problems: [withoutResources(placeOfFile(file))] };
  const references = [
    ...listReferences(root, file),
    ...patchReferences(root, file),
    ...generatorReferences(root, file),
    ...openApiReference(root, file),
  ];
  return { references, problems: [...checkSources(root, file), ...checkRemotes(references)] };
}

function withoutResources(place: Place): ContentProblem {
  return contentError('noObjects', place, [
    'the kustomization has no resources',
    'List what it consists of under resources:.',
  ]);
}

function checkSources(root: YamlMap, file: string): ContentProblem[] {
  const problems = REFUSED.flatMap((field) => {
    const entry = entryOf(root, field);
    if (!entry) return [];
    const said = [`${field} is not supported`, 'Render the chart as an app of its own.'] as const;
    return [{ ...contentError('notSupported', { file, ...entry.keySpot }, said), field }];
  });
  if (SOURCES.some((field) => !isEmpty(entryOf(root, field)?.value))) return problems;
  const entry = entryOf(root, 'resources');
  return [...problems, withoutResources({ file, ...(entry?.keySpot ?? root.spot) })];
}

function isEmpty(node: YamlNode | undefined): boolean {
  return node?.type !== 'list' || node.items.length === 0;
}

function checkRemotes(references: readonly KustomizeReference[]): ContentProblem[] {
  return references
    .filter(({ path }) => REMOTE.test(path))
    .map(({ path, place, field }) => {
      const said = [
        `"${path}" is not in this repository`,
        'Copy it into the repository: nothing is fetched while rendering.',
      ] as const;
      return { ...contentError('notSupported', place, said), field };
    });
}

function listReferences(root: YamlMap, file: string): KustomizeReference[] {
  return LISTS.flatMap((field) => texts(entryOf(root, field)?.value, file, field));
}

function texts(node: YamlNode | undefined, file: string, field: string): KustomizeReference[] {
  if (node?.type !== 'list') return [];
  return node.items.flatMap((item, index) => {
    const inline = item.type !== 'scalar' || item.text.includes('\n') || item.text === '';
    return inline ? [] : [{ path: item.text, place: { file, ...item.spot }, field: `${field}[${index}]` }];
  });
}

function patchReferences(root: YamlMap, file: string): KustomizeReference[] {
  const strategic = texts(entryOf(root, 'patchesStrategicMerge')?.value, file, 'patchesStrategicMerge');
  const listed = ['patches', 'patchesJson6902', 'replacements'].flatMap((field) => paths(root, field, file));
  return [...strategic, ...listed];
}

function paths(root: YamlMap, field: string, file: string): KustomizeReference[] {
  const list = entryOf(root, field)?.value;
  if (list?.type !== 'list') return [];
  return list.items.flatMap((item, index) => {
    const path = textAt(item, 'path');
    return path === undefined ? [] : [{ path, place: { file, ...item.spot }, field: `${field}[${index}].path` }];
  });
}

/** Files that generators read: `files: [key=path]`, `envs` and `env`. */
function generatorReferences(root: YamlMap, file: string): KustomizeReference[] {
  return ['configMapGenerator', 'secretGenerator'].flatMap((field) => {
    const list = entryOf(root, field)?.value;
    if (list?.type !== 'list') return [];
    return list.items.flatMap((item, index) => (item.type === 'map' ? inputsOf(item, file, `${field}[${index}]`) : []));
  });
}

function inputsOf(generator: YamlMap, file: string, field: string): KustomizeReference[] {
  const files = texts(entryOf(generator, 'files')?.value, file, `${field}.files`);
  const envs = texts(entryOf(generator, 'envs')?.value, file, `${field}.envs`);
  const env = entryOf(generator, 'env')?.value;
  const single =
    env?.type === 'scalar' ? [{ path: env.text, place: { file, ...env.spot }, field: `${field}.env` }] : [];
  return [...files.map((item) => ({ ...item, path: item.path.replace(/^[^=]*=/, '') })), ...envs, ...single];
}

function openApiReference(root: YamlMap, file: string): KustomizeReference[] {
  const path = textAt(root, 'openapi', 'path');
  const node = entryOf(root, 'openapi')?.value;
  return path === undefined || !node ? [] : [{ path, place: { file, ...node.spot }, field: 'openapi.path' }];
}

/**
 * What a generator, transformer or validator is that Kustomize would run as a program or container: only the built-in ones
 * are taken.
 */
export function checkPlugin(file: string, content: string): ContentProblem[] {
  return readYaml(content, 'keep').documents.flatMap(({ root }) => {
    if (root === undefined || textAt(root, 'apiVersion') === 'builtin') return [];
    const place = { file, ...nearestSpot(root, ['apiVersion']) };
    const said = [
      'plugins are not run: this one is not built in',
      'Render it in CI, or use a built-in transformer.',
    ] as const;
    return [{ ...contentError('notSupported', place, said), field: 'apiVersion' }];
  });
}
