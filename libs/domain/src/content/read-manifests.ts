import { readYaml } from '../definitions/read-yaml.js';
import type { YamlError } from '../definitions/read-yaml.js';
import type { Spot, YamlMap, YamlNode } from '../definitions/yaml-node.js';
import { entryOf, printNode, textAt, toJsonObject } from '../definitions/yaml-node.js';
import type { KubeObject } from '../json/index.js';
import type { Place } from '../problem/index.js';
import type { FieldPath } from './check-object.js';
import { checkObject, printPath } from './check-object.js';
import type { ContentProblem } from './content-problem.js';
import { contentError, placeOfFile } from './content-problem.js';
import { decodeText, notTextProblem } from './decode-text.js';
import type { SourceFile } from './file-tree.js';

/** An object as content has it, and where it begins. */
export interface ManifestObject {
  readonly object: KubeObject;
  readonly place: Place;
}

export interface Manifests {
  readonly objects: readonly ManifestObject[];
  readonly problems: readonly ContentProblem[];
}

const MAX_FILE_BYTES = 16 * 1024 * 1024;
/** One slip confuses a parser about all that follows. */
const MAX_SYNTAX_ERRORS = 3;

/** Reads one file of manifests (YAML documents or JSON) with Kubernetes' meaning. Lists are flattened. */
export function readManifests(file: SourceFile): Manifests {
  const text = decode(file);
  if (typeof text !== 'string') return { objects: [], problems: [text] };
  const objects: ManifestObject[] = [];
  const problems: ContentProblem[] = [];
  const stream = readYaml(text, 'keep');
  problems.push(
    ...stream.errors.slice(0, MAX_SYNTAX_ERRORS).map((error) => yamlProblem(error, { path: file.path, text })),
  );
  for (const document of stream.documents) {
    problems.push(...document.errors.map((error) => yamlProblem(error, { path: file.path, text })));
    if (document.root && document.errors.length === 0)
      readDocument(document.root, { file: file.path, objects, problems });
  }
  return { objects, problems };
}

function decode(file: SourceFile): string | ContentProblem {
  if (file.content.byteLength > MAX_FILE_BYTES) {
    const said = [`the file is larger than ${MAX_FILE_BYTES / 1024 / 1024} MB`, 'Split it.'] as const;
    return contentError('limitExceeded', placeOfFile(file.path), said);
  }
  const text = decodeText(file.content);
  return typeof text === 'string' ? text : notTextProblem(file.path, text);
}

/** A template of Helm or another tool is no YAML before it is rendered: where one is, correcting YAML is no advice. */
const TEMPLATE_HINT = 'It looks like a template. Commit what it renders to, or use Kustomize.';

function yamlProblem(
  { code, spot, message, hint }: YamlError,
  { path, text }: { readonly path: string; readonly text: string },
): ContentProblem {
  const line = text.split('\n', spot.line)[spot.line - 1] ?? '';
  return contentError(code, { file: path, ...spot }, [message, line.includes('{{') ? TEMPLATE_HINT : hint]);
}

interface Sink {
  readonly file: string;
  readonly objects: ManifestObject[];
  readonly problems: ContentProblem[];
}

function readDocument(node: YamlNode, sink: Sink): void {
  if (node.type !== 'map') {
    const said = [`a Kubernetes object must be a map, but is ${printNode(node)}`, 'Correct or remove it.'] as const;
    sink.problems.push(contentError('manifestInvalid', { file: sink.file, ...node.spot }, said));
    return;
  }
  const items = listItems(node);
  if (items) for (const item of items) readDocument(item, sink);
  else readObject(node, sink);
}

/** Items of a `List`, or of a typed one such as `ConfigMapList`. */
function listItems(node: YamlMap): readonly YamlNode[] | undefined {
  if (!textAt(node, 'kind')?.endsWith('List')) return undefined;
  const items = entryOf(node, 'items')?.value;
  return items?.type === 'list' ? items.items : undefined;
}

function readObject(node: YamlMap, sink: Sink): void {
  const object = toJsonObject(node);
  const errors = checkObject(object);
  for (const { path, message, hint } of errors) {
    const place = { file: sink.file, ...spotOf(node, path) };
    sink.problems.push({ ...contentError('manifestInvalid', place, [message, hint]), field: printPath(path) });
  }
  if (errors.length === 0)
    sink.objects.push({ object: object as KubeObject, place: { file: sink.file, ...node.spot } });
}

/** Where a field is written; for one that is missing, where it should be. */
function spotOf(node: YamlNode, [key, ...rest]: FieldPath): Spot {
  if (typeof key === 'number' && node.type === 'list') {
    const item = node.items[key];
    return item ? spotOf(item, rest) : node.spot;
  }
  const entry = typeof key === 'string' && node.type === 'map' ? entryOf(node, key) : undefined;
  if (!entry) return node.spot;
  return rest.length === 0 ? entry.keySpot : spotOf(entry.value, rest);
}
