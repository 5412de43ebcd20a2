import type { Problem } from '../problem/index.js';
import type { Reference } from './fields/reading.js';
import type { ReadDefinition } from './read-definition.js';
import { suggest } from './suggest.js';

const NONE: ReadonlySet<string> = new Set();

/**
 * References to what no document defines, and apps that depend on each other in a ring.
 * @param unclear a file of which not everything could be told, where what is missing may be
 */
export function checkReferences(read: readonly ReadDefinition[], unclear: string | undefined): Problem[] {
  const names = namesByKind(read);
  const known = (kind: string): ReadonlySet<string> => names.get(kind) ?? NONE;
  return [
    ...read.flatMap((item) =>
      item.references.flatMap((reference) =>
        checkReference(item, reference, { known: known(reference.kind), unclear }),
      ),
    ),
    ...read.flatMap((item) => checkApps(item, known('App'))),
    ...findRings(read),
  ];
}

/** Documents with errors count: what refers to them is frozen with them, not wrong. */
function namesByKind(read: readonly ReadDefinition[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const { document } of read) {
    const { kind, name } = document.subject;
    const known = names.get(kind) ?? new Set();
    names.set(kind, known.add(name));
  }
  return names;
}

interface Known {
  readonly known: ReadonlySet<string>;
  readonly unclear: string | undefined;
}

function checkReference(item: ReadDefinition, reference: Reference, { known, unclear }: Known): Problem[] {
  const { kind, name } = reference;
  if (known.has(name)) return [];
  const correct =
    unclear === undefined ? '' : `It may be in ${unclear}, which has problems: correct that first. Else: `;
  const said = { message: `there is no ${kind} "${name}"`, hint: `${correct}${hintFor(kind, name, known)}` };
  return [{ code: 'unknownReference', severity: 'error', ...whereIs(item, reference), ...said }];
}

function whereIs(
  { document }: ReadDefinition,
  { spot, from }: Reference,
): Pick<Problem, 'subject' | 'place' | 'field'> {
  return { subject: document.subject, place: { file: document.file, ...spot }, field: from.field };
}

function hintFor(kind: string, name: string, known: ReadonlySet<string>): string {
  const near = suggest(name, [...known]);
  return near === undefined ? `Define it (kind: ${kind}), or remove the reference.` : `Did you mean "${near}"?`;
}

/** A window outlives the apps it is about: that is worth a word, no more. */
function checkApps({ document, definition }: ReadDefinition, known: ReadonlySet<string>): Problem[] {
  if (definition?.kind !== 'Window') return [];
  return definition.apps.flatMap((name, index): Problem[] => {
    if (known.has(name)) return [];
    const said = { message: `there is no App "${name}"`, hint: hintFor('App', name, known) };
    const { subject, place } = document;
    return [{ code: 'unknownReference', severity: 'warning', subject, place, field: `spec.apps[${index}]`, ...said }];
  });
}

function findRings(read: readonly ReadDefinition[]): Problem[] {
  const edges = new Map(read.flatMap(dependenciesOf));
  if (edges.size === 0) return [];
  return read.flatMap((item) => {
    if (item.document.kind !== 'App') return [];
    return item.references.flatMap((reference) => checkRing(item, reference, edges));
  });
}

function checkRing(
  item: ReadDefinition,
  reference: Reference,
  edges: ReadonlyMap<string, readonly string[]>,
): Problem[] {
  const { name } = item.document.subject;
  const way = reference.kind === 'App' ? findWay(edges, reference.name, name) : undefined;
  if (way === undefined) return [];
  const message = `"${name}" waits for itself: ${[name, ...way].join(' → ')}`;
  const hint = 'Remove one of these dependencies.';
  return [{ code: 'cyclicDependency', severity: 'error', ...whereIs(item, reference), message, hint }];
}

function dependenciesOf({ document, references }: ReadDefinition): (readonly [string, readonly string[]])[] {
  if (document.kind !== 'App') return [];
  const names = references.filter((reference) => reference.kind === 'App').map((reference) => reference.name);
  return names.length === 0 ? [] : [[document.subject.name, names]];
}

/** The shortest way from one app to another along dependencies, both ends included. */
function findWay(edges: ReadonlyMap<string, readonly string[]>, from: string, to: string): string[] | undefined {
  const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
  const queue = [from];
  for (const name of queue) {
    if (name === to) return unwind(cameFrom, to);
    const next = (edges.get(name) ?? []).filter((candidate) => !cameFrom.has(candidate));
    for (const candidate of next) cameFrom.set(candidate, name);
    queue.push(...next);
  }
  return undefined;
}

function unwind(cameFrom: ReadonlyMap<string, string | undefined>, to: string): string[] {
  const way: string[] = [];
  for (let name: string | undefined = to; name !== undefined; name = cameFrom.get(name)) way.unshift(name);
  return way;
}
