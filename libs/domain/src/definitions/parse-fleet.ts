import type { Problem } from '../problem/index.js';
import { checkReferences } from './check-references.js';
import type { FleetDefinitions } from './definition.js';
import { NO_DEFINITIONS } from './definition.js';
import { collectDefinitions, keyOf } from './index-definitions.js';
import { KIND_RULES } from './kinds/index.js';
import { placeProblem } from './place-problem.js';
import { FileOwners, overlappingProjects } from './project-of.js';
import type { ReadDefinition } from './read-definition.js';
import { readDefinition } from './read-definition.js';
import type { FleetFile, NamedDocument, ParseLimits, ReadFile } from './read-documents.js';
import { PARSE_LIMITS, readDocuments } from './read-documents.js';

/** What a revision says: the definitions that are right, and everything that is wrong. */
export interface ParsedFleet {
  /** Without those that have an error. */
  readonly definitions: FleetDefinitions;
  /** By file and line. */
  readonly problems: readonly Problem[];
  /** Files of which nothing could be read. */
  readonly unreadableFiles: readonly string[];
  /** Documents by `Kind/name`, for the places of their fields. */
  readonly documents: ReadonlyMap<string, NamedDocument>;
}

/** Whether a file of the fleet repository holds definitions: `flotilla.yaml` anywhere, every `*.yaml` under `fleet/`. */
export function isDefinitionFile(path: string): boolean {
  return path === 'flotilla.yaml' || path.endsWith('/flotilla.yaml') || /^fleet\/.*\.yaml$/.test(path);
}

/** Whether a file has a name that is taken for a definition file's and is none. */
export function isMistakenFile(path: string): boolean {
  return /(^|\/)flotilla\.yml$/i.test(path) || /^fleet\/.*\.yml$/i.test(path);
}

/** Reads every definition of a revision. All problems come at once; a file that is no definition file is passed over. */
export function parseFleet(files: readonly FleetFile[], limits: ParseLimits = PARSE_LIMITS): ParsedFleet {
  const own = files.filter((file) => isDefinitionFile(file.path) || isMistakenFile(file.path));
  if (own.length > limits.maxFiles) return tooManyFiles(own.length, limits);
  return parseFiles(own.map((file) => readFleetFile(file, limits)));
}

/** Finds the documents of one file. The same file gives the same, so it may be kept. */
export function readFleetFile(file: FleetFile, limits: ParseLimits = PARSE_LIMITS): ReadFile {
  if (isDefinitionFile(file.path) || file.unreadable !== undefined) return readDocuments(file, limits);
  const message = `"${file.path}" is not read: definitions are in files that end in .yaml`;
  const hint = `Rename it to ${file.path.replace(/yml$/i, 'yaml')}.`;
  const unreadable = { code: 'unknownKind', spot: { line: 1, column: 1 }, message, hint } as const;
  return readDocuments({ ...file, unreadable }, limits);
}

/** Puts files together to what the revision says. Documents that were read before are not read again. */
export function parseFiles(files: readonly ReadFile[]): ParsedFleet {
  const documents = files.flatMap((file) => file.documents);
  const problems = files.flatMap((file) => file.problems);
  const unreadableFiles = files.flatMap((file) => (file.readable ? [] : [file.path]));
  return { ...readAllDocuments(documents, problems), unreadableFiles: unreadableFiles.sort() };
}

/** Nothing is read of a revision with more definition files than the limit. */
export function tooManyFiles(count: number, limits: ParseLimits = PARSE_LIMITS): ParsedFleet {
  const problem: Problem = {
    code: 'limitExceeded',
    severity: 'error',
    subject: { kind: 'Fleet', name: '' },
    place: { file: '', line: 0, column: 0 },
    field: '',
    message: `${count} files hold definitions, more than ${limits.maxFiles}`,
    hint: 'Put several definitions into one file.',
  };
  return { definitions: NO_DEFINITIONS, problems: [problem], unreadableFiles: [], documents: new Map() };
}

function readAllDocuments(
  documents: readonly NamedDocument[],
  problems: Problem[],
): Pick<ParsedFleet, 'definitions' | 'problems' | 'documents'> {
  const [ofProjects, ofOthers] = split(documents, (document) => document.kind === 'Project');
  const projects = ofProjects.map((document) => readDefinition(document, undefined));
  const owners = new FileOwners(
    projects.flatMap(({ definition }) => (definition?.kind === 'Project' ? [definition] : [])),
  );
  const isForeign = ({ kind, file }: NamedDocument): boolean =>
    !KIND_RULES[kind].inProjects && owners.ownerOf(file) !== undefined;
  const [foreign, allowed] = split(ofOthers, isForeign);
  const [foreignProjects, allowedProjects] = split(projects, ({ document }) => isForeign(document));
  const read = [
    ...allowedProjects,
    ...allowed.map((document) => readDefinition(document, owners.projectOf(document.file))),
  ];
  const misplaced = [...foreign, ...foreignProjects.map(({ document }) => document)];
  const named = new Map(read.map(({ document }) => [keyOf(document.subject), document]));
  const found = [
    ...misplaced.map((document) => notHere(document, owners)),
    ...overlappingProjects(owners, new Set(read.map(({ document }) => document.file))),
    ...duplicateNames(read.map(({ document }) => document)),
    ...checkReferences(read, problems.find(({ subject }) => subject.kind === 'File')?.place.file),
  ];
  problems.push(...found.map((problem) => placeProblem(problem, named)));
  for (const item of read) problems.push(...item.problems);
  return { definitions: collect(read, problems), problems: problems.sort(byPlace), documents: named };
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

function collect(read: readonly ReadDefinition[], problems: readonly Problem[]): FleetDefinitions {
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
