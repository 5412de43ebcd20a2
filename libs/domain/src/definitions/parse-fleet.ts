import type { Problem } from '../problem/index.js';
import { checkReferences } from './check-references.js';
import type { Definition, FleetDefinitions } from './definition.js';
import { NO_DEFINITIONS } from './definition.js';
import { Reading } from './fields/reading.js';
import { collectDefinitions, keyOf } from './index-definitions.js';
import { KIND_RULES } from './kinds/index.js';
import { FileOwners, overlappingProjects } from './project-of.js';
import type { FleetFile, NamedDocument, ParseLimits } from './read-documents.js';
import { PARSE_LIMITS, readDocuments } from './read-documents.js';
import type { YamlStream } from './read-yaml.js';
import { readYaml } from './read-yaml.js';

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
    const named = readDocuments(file, limits, read);
    problems.push(...named.problems);
    documents.push(...named.documents);
    if (!named.readable) unreadableFiles.push(file.path);
  }
  return { ...readAllDocuments(documents, problems), unreadableFiles: unreadableFiles.sort() };
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

function readAllDocuments(
  documents: readonly NamedDocument[],
  problems: Problem[],
): Pick<ParsedFleet, 'definitions' | 'problems'> {
  const [ofProjects, ofOthers] = split(documents, (document) => document.kind === 'Project');
  const projects = readAll(ofProjects, new FileOwners([]));
  const owners = new FileOwners(
    projects.flatMap(({ definition }) => (definition?.kind === 'Project' ? [definition] : [])),
  );
  const isForeign = ({ kind, file }: NamedDocument): boolean =>
    !KIND_RULES[kind].inProjects && owners.ownerOf(file) !== undefined;
  const [foreign, allowed] = split(ofOthers, isForeign);
  const [foreignProjects, allowedProjects] = split(projects, ({ document }) => isForeign(document));
  const read = [...allowedProjects, ...readAll(allowed, owners)];
  const misplaced = [...foreign, ...foreignProjects.map(({ document }) => document)];
  const files = read.map(({ document }) => document.file);
  problems.push(...misplaced.map((document) => notHere(document, owners)), ...overlappingProjects(owners, files));
  problems.push(...duplicateNames(read.map(({ document }) => document)));
  checkReferences(read.map(({ document, definition }) => ({ ...document, definition })));
  for (const { document } of read) problems.push(...document.problems);
  return { definitions: collect(read, problems), problems: problems.sort(byPlace) };
}

interface ReadDocument {
  readonly document: NamedDocument;
  readonly definition: Definition | undefined;
}

function readAll(documents: readonly NamedDocument[], owners: FileOwners): ReadDocument[] {
  return documents.map((document) => {
    const context = {
      file: document.file,
      root: document.root,
      at: new Reading(document),
      project: owners.ownerOf(document.file),
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
function notHere(document: NamedDocument, owners: FileOwners): Problem {
  return {
    code: 'notAllowedHere',
    severity: 'error',
    subject: document.kind === 'Project' ? document.subject : { kind: 'File', name: document.file },
    place: document.place,
    field: 'kind',
    message: `${document.kind} "${document.subject.name}" lies in the paths of the project "${owners.ownerOf(document.file)?.name ?? ''}"`,
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
