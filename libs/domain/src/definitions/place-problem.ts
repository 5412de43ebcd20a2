import type { Problem } from '../problem/index.js';
import type { NamedDocument } from './read-documents.js';
import type { Spot, YamlNode } from './yaml-node.js';

/**
 * A problem that was found after parsing, at the place of its field instead of its document's. One that has a place of its
 * own, or whose document is another by now, stays as it is.
 */
export function placeProblem<P extends Problem>(problem: P, documents: ReadonlyMap<string, NamedDocument>): P {
  const { subject, place, field } = problem;
  const document = documents.get(`${subject.kind}/${subject.name}`);
  const begins = document?.place;
  if (document === undefined || field === '' || begins?.file !== place.file || begins.line !== place.line)
    return problem;
  if (begins.column !== place.column) return problem;
  return { ...problem, place: { file: place.file, ...fieldSpot(document.root, field) } };
}

/** Where a field such as `spec.waves[1].soak` is written, or the innermost part of it that is there. */
export function fieldSpot(root: YamlNode, field: string): Spot {
  const path = field.match(/[^.[\]]+/g) ?? [];
  return follow(root, path, root.spot);
}

function follow(node: YamlNode, [key, ...rest]: readonly string[], own: Spot): Spot {
  if (key === undefined) return own;
  if (node.type === 'list') {
    const item = node.items[Number(key)];
    return item === undefined ? own : follow(item, rest, item.spot);
  }
  // A key may hold dots, as those of labels do.
  const keys = [key, [key, ...rest].join('.')];
  const entry = node.type === 'map' ? node.entries.find((candidate) => keys.includes(candidate.key)) : undefined;
  return entry === undefined
    ? own
    : follow(entry.value, rest, entry.value.type === 'scalar' ? entry.value.spot : entry.keySpot);
}
