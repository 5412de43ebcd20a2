import type { Place, Problem, Subject } from '../problem/index.js';
import { checkReferences } from './check-references.js';
import type { Definition, DefinitionKind, FleetDefinitions, ProjectDefinition } from './definition.js';
import { NO_DEFINITIONS } from './definition.js';
import { Reading } from './fields/reading.js';
import type { DocumentRecord } from './fields/reading.js';
import { DEFINITION_KINDS, KIND_RULES } from './kinds/index.js';
import { collectDefinitions, keyOf } from './index-definitions.js';
import { ownerOf, overlappingProjects } from './project-of.js';
import type { YamlDocument, YamlStream } from './read-yaml.js';
import { readYaml } from './read-yaml.js';
import { suggest } from './suggest.js';
import type { DefinitionName } from './references-of.js';
import type { YamlNode } from './yaml-node.js';
import { nearestSpot, textAt } from './yaml-node.js';

export interface FleetFile {
  /** From the root of the repository, `/` between names. */
  readonly path: string;
  readonly content: string;
}

export interface ParseLimits {
  readonly maxFiles: number;
  /** Characters. */
  readonly maxFileSize: number;
  readonly maxDocumentsPerFile: number;
}

export const PARSE_LIMITS: ParseLimits = { maxFiles: 10_000, maxFileSize: 1_000_000, maxDocumentsPerFile: 1000 };

/** What a revision says: the definitions that are right, and everything that is wrong. */
export interface ParsedFleet {
  /** Without those that have an error. */
  readonly definitions: FleetDefinitions;
  /** By file and line. */
  readonly problems: readonly Problem[];
  /** Files of which nothing could be read. */
  readonly unreadableFiles: readonly string[];
}

/** Whether a file of the fleet repository holds definitions: `flotilla.yaml` anywhere, every `*.yaml` under `fleet/`. */
export function isDefinitionFile(path: string): boolean {
  return path === 'flotilla.yaml' || path.endsWith('/flotilla.yaml') || /^fleet\/.*\.yaml$/.test(path);
}

/** A document whose kind and name are known. */
interface NamedDocument extends DocumentRecord {
  readonly kind: DefinitionKind;
  readonly root: YamlNode;
  readonly place: Place;
}

/**
 * Reads every definition of a revision. All problems come at once; a file that is no definition file is passed over.
 * @param read may remember what it read: the same content gives the same documents
 */
export function parseFleet(
  files: readonly FleetFile[],
  limits: ParseLimits = PARSE_LIMITS,
  read: (content: string) => YamlStream = readYaml,
): ParsedFleet {
  const problems: Problem[] = [];
  const unreadableFiles: string[] = [];
  const documents: NamedDocument[] = [];
  const own = files.filter((file) => isDefinitionFile(file.path));
  if (own.length > limits.maxFiles) return tooManyFiles(own.length, limits);
  for (const file of own) {
    const named = readFile(file, limits, read);
    problems.push(...named.problems);
    documents.push(...named.documents);
    if (!named.readable) unreadableFiles.push(file.path);
  }
  return { ...readDocuments(documents, problems), unreadableFiles: unreadableFiles.sort() };
}

function tooManyFiles(count: number, limits: ParseLimits): ParsedFleet {
  const problem: Problem = {
    code: 'limitExceeded',
    severity: 'error',
    subject: { kind: 'Fleet', name: '' },
    place: { file: '', line: 0, column: 0 },
    field: '',
    message: `${count} files hold definitions, more than ${limits.maxFiles}`,
    hint: 'Put several definitions into one file.',
  };
  return { definitions: NO_DEFINITIONS, problems: [problem], unreadableFiles: [] };
}

interface ReadFile {
  readonly documents: readonly NamedDocument[];
  readonly problems: readonly Problem[];
  readonly readable: boolean;
}

function readFile(file: FleetFile, limits: ParseLimits, read: (content: string) => YamlStream): ReadFile {
  const record = recordOf(file.path, { kind: 'File', name: file.path });
  const at = new Reading(record);
  const start = { line: 1, column: 1 };
  const refuse = (message: string, hint: string): ReadFile => {
    at.error({ code: 'limitExceeded', spot: start, message, hint });
    return { documents: [], problems: record.problems, readable: false };
  };
  if (file.content.length > limits.maxFileSize) {
    return refuse(`the file has more than ${limits.maxFileSize} characters`, 'Split it.');
  }
  const stream = read(file.content);
  for (const error of stream.errors) at.error(error);
  if (stream.errors.length > 0) return { documents: [], problems: record.problems, readable: false };
  if (stream.documents.length > limits.maxDocumentsPerFile) {
    return refuse(`the file has more than ${limits.maxDocumentsPerFile} documents`, 'Split it.');
  }
  const documents = stream.documents.flatMap((document) => nameDocument(document, at));
  return { documents, problems: record.problems, readable: true };
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
  return [{ ...record, kind: identity.kind, root, place: { file, ...document.spot } }];
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

function readDocuments(
  documents: readonly NamedDocument[],
  problems: Problem[],
): Pick<ParsedFleet, 'definitions' | 'problems'> {
  const projects = readAll(
    documents.filter((document) => document.kind === 'Project'),
    [],
  );
  const owners = projects.flatMap(({ definition }) => (definition?.kind === 'Project' ? [definition] : []));
  const isForeign = ({ kind, file }: NamedDocument): boolean =>
    !KIND_RULES[kind].inProjects && ownerOf(file, owners) !== undefined;
  const [foreign, rest] = split(documents, isForeign);
  const others = readAll(
    rest.filter((document) => document.kind !== 'Project'),
    owners,
  );
  const read = [...projects.filter(({ document }) => !foreign.includes(document)), ...others];
  problems.push(...foreign.map((document) => notHere(document, owners)));
  problems.push(...overlappingProjects(owners, rest));
  problems.push(...duplicateNames(read.map(({ document }) => document)));
  checkReferences(read.map(({ document, definition }) => ({ ...document, definition })));
  for (const { document } of read) problems.push(...document.problems);
  return { definitions: collect(read, problems), problems: problems.sort(byPlace) };
}

interface ReadDocument {
  readonly document: NamedDocument;
  readonly definition: Definition | undefined;
}

function readAll(documents: readonly NamedDocument[], projects: readonly ProjectDefinition[]): ReadDocument[] {
  return documents.map((document) => {
    const context = {
      file: document.file,
      root: document.root,
      at: new Reading(document),
      project: ownerOf(document.file, projects),
    };
    return { document, definition: KIND_RULES[document.kind].read(context) };
  });
}

function split<T>(items: readonly T[], test: (item: T) => boolean): readonly [T[], T[]] {
  return [items.filter(test), items.filter((item) => !test(item))];
}

/**
 * A tenant's file cannot define what belongs to the platform. It says nothing about a definition of the same name, except
 * that a Project there freezes the revision: it might claim the files of others.
 */
function notHere(document: NamedDocument, projects: readonly ProjectDefinition[]): Problem {
  return {
    code: 'notAllowedHere',
    severity: 'error',
    subject: document.kind === 'Project' ? document.subject : { kind: 'File', name: document.file },
    place: document.place,
    field: 'kind',
    message: `${document.kind} "${document.subject.name}" lies in the paths of the project "${ownerOf(document.file, projects)?.name ?? ''}"`,
    hint: `Move it out of every project's paths; ${document.kind} is read only there.`,
  };
}

function duplicateNames(documents: readonly NamedDocument[]): Problem[] {
  const first = new Map<string, NamedDocument>();
  return documents.flatMap((document): Problem[] => {
    const { subject, place } = document;
    const key = `${subject.kind}/${subject.name}`;
    const earlier = first.get(key);
    if (earlier === undefined) {
      first.set(key, document);
      return [];
    }
    const message = `${subject.kind} "${subject.name}" is defined already in ${earlier.file}:${earlier.place.line}`;
    const hint = 'Rename or remove one of them; until then the whole revision is frozen.';
    return [{ code: 'duplicateName', severity: 'error', subject, place, field: 'metadata.name', message, hint }];
  });
}

function collect(read: readonly ReadDocument[], problems: readonly Problem[]): FleetDefinitions {
  const wrong = new Set(
    problems.filter(({ severity }) => severity === 'error').map(({ subject }) => `${subject.kind}/${subject.name}`),
  );
  const right = read.flatMap(({ definition }) => (definition === undefined ? [] : [definition]));
  return collectDefinitions(right.filter((definition) => !wrong.has(keyOf(definition))));
}

function byPlace(a: Problem, b: Problem): number {
  if (a.place.file !== b.place.file) return a.place.file < b.place.file ? -1 : 1;
  return a.place.line - b.place.line || a.place.column - b.place.column;
}
