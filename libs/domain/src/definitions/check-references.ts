import type { Definition } from './definition.js';
import type { DocumentRecord, Reference } from './fields/reading.js';
import { Reading } from './fields/reading.js';
import { suggest } from './suggest.js';

const NONE: ReadonlySet<string> = new Set();

export interface CheckedDocument extends DocumentRecord {
  readonly definition: Definition | undefined;
}

/** Reports references to what no document defines, and apps that depend on each other in a ring. */
export function checkReferences(documents: readonly CheckedDocument[]): void {
  const names = namesByKind(documents);
  for (const document of documents) {
    for (const reference of document.references) checkReference(reference, names.get(reference.kind) ?? NONE);
    if (document.definition?.kind === 'Window') checkApps(document, names.get('App') ?? NONE);
  }
  reportRings(documents);
}

/** Documents with errors count: what refers to them is frozen with them, not wrong. */
function namesByKind(documents: readonly DocumentRecord[]): Map<string, Set<string>> {
  const names = new Map<string, Set<string>>();
  for (const { subject } of documents) {
    const known = names.get(subject.kind) ?? new Set();
    names.set(subject.kind, known.add(subject.name));
  }
  return names;
}

function checkReference(reference: Reference, known: ReadonlySet<string>): void {
  const { kind, name, spot, from } = reference;
  if (known.has(name)) return;
  const message = `there is no ${kind} "${name}"`;
  from.error({ code: 'unknownReference', spot, message, hint: hintFor(kind, name, known) });
}

function hintFor(kind: string, name: string, known: ReadonlySet<string>): string {
  const near = suggest(name, [...known]);
  return near === undefined ? `Define it (kind: ${kind}), or remove the reference.` : `Did you mean "${near}"?`;
}

/** A window outlives the apps it is about: that is worth a word, no more. */
function checkApps(document: CheckedDocument, known: ReadonlySet<string>): void {
  if (document.definition?.kind !== 'Window') return;
  const { line, column } = document.definition.place;
  for (const [index, name] of document.definition.apps.entries()) {
    if (known.has(name)) continue;
    const at = new Reading(document).member('spec').member('apps').item(index);
    const complaint = {
      code: 'unknownReference',
      spot: { line, column },
      message: `there is no App "${name}"`,
    } as const;
    at.warning({ ...complaint, hint: hintFor('App', name, known) });
  }
}

function reportRings(documents: readonly CheckedDocument[]): void {
  const edges = new Map(documents.flatMap(dependenciesOf));
  for (const document of documents) {
    for (const reference of document.references) {
      if (document.subject.kind !== 'App' || reference.kind !== 'App') continue;
      const way = findWay(edges, reference.name, document.subject.name);
      if (way === undefined) continue;
      const message = `"${document.subject.name}" waits for itself: ${[document.subject.name, ...way].join(' → ')}`;
      reference.from.error({
        code: 'cyclicDependency',
        spot: reference.spot,
        message,
        hint: 'Remove one of these dependencies.',
      });
    }
  }
}

function dependenciesOf(document: CheckedDocument): (readonly [string, readonly string[]])[] {
  if (document.subject.kind !== 'App') return [];
  const names = document.references.filter((reference) => reference.kind === 'App').map((reference) => reference.name);
  return [[document.subject.name, names]];
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
