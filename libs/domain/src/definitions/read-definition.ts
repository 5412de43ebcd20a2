import type { Problem } from '../problem/index.js';
import type { Definition, ProjectDefinition } from './definition.js';
import type { DocumentRecord, Reference } from './fields/reading.js';
import { Reading } from './fields/reading.js';
import { KIND_RULES } from './kinds/index.js';
import type { NamedDocument } from './read-documents.js';

/** What one document says, and what is wrong with it by itself. */
export interface ReadDefinition {
  readonly document: NamedDocument;
  readonly definition: Definition | undefined;
  readonly problems: readonly Problem[];
  readonly references: readonly Reference[];
}

const known = new WeakMap<NamedDocument, { readonly project: string; readonly read: ReadDefinition }>();

/** Reads a document by the rules of its kind. Reading it again for the same project gives the very same. */
export function readDefinition(document: NamedDocument, project: ProjectDefinition | undefined): ReadDefinition {
  const key = project === undefined ? '' : JSON.stringify(project);
  const last = known.get(document);
  if (last?.project === key) return last.read;
  const { file, subject, root, kind } = document;
  const record: DocumentRecord = { file, subject, problems: [...document.problems], references: [] };
  const definition = KIND_RULES[kind].read({ file, root, at: new Reading(record), project });
  const read = { document, definition, problems: record.problems, references: record.references };
  known.set(document, { project: key, read });
  return read;
}
