import type { Place, Problem, Subject } from '../problem/index.js';
import type { DefinitionKind } from './definition.js';
import { Reading } from './fields/reading.js';
import type { Complaint, DocumentRecord } from './fields/reading.js';
import { DEFINITION_KINDS } from './kinds/index.js';
import type { YamlDocument } from './read-yaml.js';
import { readYaml } from './read-yaml.js';
import type { DefinitionName } from './references-of.js';
import { suggest } from './suggest.js';
import type { YamlNode } from './yaml-node.js';
import { nearestSpot, textAt } from './yaml-node.js';

export interface FleetFile {
  /** From the root of the repository, `/` between names. */
  readonly path: string;
  readonly content: string;
  /** Why it has no content that could be read. */
  readonly unreadable?: Complaint;
}

export interface ParseLimits {
  readonly maxFiles: number;
  /** Characters. */
  readonly maxFileSize: number;
  readonly maxDocumentsPerFile: number;
}

export const PARSE_LIMITS: ParseLimits = { maxFiles: 10_000, maxFileSize: 1_000_000, maxDocumentsPerFile: 1000 };

/** A document whose kind and name are known, with what is wrong with its YAML. */
export interface NamedDocument extends Pick<DocumentRecord, 'file'> {
  readonly kind: DefinitionKind;
  readonly subject: DefinitionName;
  readonly problems: readonly Problem[];
  readonly root: YamlNode;
  readonly place: Place;
}

export interface ReadFile {
  readonly path: string;
  readonly documents: readonly NamedDocument[];
  readonly problems: readonly Problem[];
  readonly readable: boolean;
}

/** Finds the documents of a file with their kinds and names. */
export function readDocuments(file: FleetFile, limits: ParseLimits): ReadFile {
  const { path } = file;
  const record = recordOf(path, { kind: 'File', name: path });
  const at = new Reading(record);
  const refuse = (...errors: readonly Complaint[]): ReadFile => {
    for (const error of errors) at.error(error);
    return { path, documents: [], problems: record.problems, readable: false };
  };
  if (file.unreadable !== undefined) return refuse(file.unreadable);
  if (file.content.length > limits.maxFileSize) return refuse(tooLarge(`${limits.maxFileSize} characters`));
  const stream = readYaml(file.content);
  if (stream.errors.length > 0) return refuse(...stream.errors);
  if (stream.documents.length > limits.maxDocumentsPerFile) {
    return refuse(tooLarge(`${limits.maxDocumentsPerFile} documents`));
  }
  if (stream.documents.length === 0) return refuse(NOTHING);
  const documents = stream.documents.flatMap((document) => nameDocument(document, at));
  return { path, documents, problems: record.problems, readable: true };
}

const START = { line: 1, column: 1 };

/** An emptied file says nothing, least of all that what it defined is to go. */
const NOTHING: Complaint = {
  code: 'noObjects',
  spot: START,
  message: 'the file defines nothing',
  hint: 'Put the definitions back; to remove them, delete the file.',
};

function tooLarge(limit: string): Complaint {
  return { code: 'limitExceeded', spot: START, message: `the file has more than ${limit}`, hint: 'Split it.' };
}

function recordOf(file: string, subject: Subject): DocumentRecord {
  return { file, subject, problems: [], references: [] };
}

/** Finds out what a document defines; when that cannot be told, its problems are the file's. */
function nameDocument(document: YamlDocument, at: Reading): NamedDocument[] {
  const { root } = document;
  const identity = root === undefined ? undefined : identify(root, at);
  if (root === undefined || identity === undefined || touchesName(document)) {
    for (const error of document.errors) at.error(error);
    return [];
  }
  const { file } = at.document;
  const record = recordOf(file, identity);
  const reading = new Reading(record);
  for (const error of document.errors) reading.error(error);
  return [
    {
      file,
      subject: identity,
      problems: record.problems,
      kind: identity.kind,
      root,
      place: { file, ...document.spot },
    },
  ];
}

function identify(root: YamlNode, at: Reading): DefinitionName | undefined {
  const kind = kindOf(root, at);
  const name = textAt(root, 'metadata', 'name');
  if (kind === undefined) return undefined;
  if (name !== undefined && name !== '') return { kind, name };
  reportNameless(root, at);
  return undefined;
}

function kindOf(root: YamlNode, at: Reading): DefinitionKind | undefined {
  const written = textAt(root, 'kind');
  const kind = DEFINITION_KINDS.find((known) => known === written);
  if (kind !== undefined) return kind;
  const near = written === undefined ? undefined : suggest(written, DEFINITION_KINDS);
  const message = written === undefined ? 'the document has no kind' : `unknown kind "${written}"`;
  const hint = near === undefined ? `Kinds are ${DEFINITION_KINDS.join(', ')}.` : `Did you mean "${near}"?`;
  at.member('kind').error({ code: 'unknownKind', spot: nearestSpot(root, ['kind']), message, hint });
  return undefined;
}

function reportNameless(root: YamlNode, at: Reading): void {
  at.member('metadata')
    .member('name')
    .error({
      code: 'missingField',
      spot: nearestSpot(root, ['metadata', 'name']),
      message: 'the document has no name that is text',
      hint: 'Add metadata: {name: …}; write a name that looks like a number, or like yes or no, in quotes.',
    });
}

/** Whether a key is there twice on which hangs what the document defines. */
function touchesName(document: YamlDocument): boolean {
  return document.errors.some(
    (error) => error.code === 'duplicateKey' && /^"(kind|metadata|name)"/.test(error.message),
  );
}
