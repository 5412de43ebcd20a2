import { posix } from 'node:path';
import type { FoundProblem } from '@flotilla/domain';
import { clean } from '../output/table.js';
import { CLI_VERSION } from '../version.js';

export const PROBLEM_FORMATS = ['text', 'json', 'sarif', 'github'] as const;
export type ProblemFormat = (typeof PROBLEM_FORMATS)[number];

/** Something to tell at a place that is no problem. */
export interface Notice {
  readonly code: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** Problems with files named from where one stands; empty when there is nothing to say. Notices go with `github` and `sarif`. */
// eslint-disable-next-line max-params -- what, where from, how, and what else to tell
export function printProblems(
  problems: readonly FoundProblem[],
  folder: string,
  format: ProblemFormat,
  notices: readonly Notice[] = [],
): string {
  const placed = problems.map((problem) => flat(problem, folder));
  switch (format) {
    case 'text':
      return placed.map(textLine).join('\n');
    case 'json':
      return JSON.stringify({ items: placed, next: null }, null, 2);
    case 'github':
      return [...placed, ...notices.map(asProblem)].map(githubLine).join('\n');
    case 'sarif':
      return JSON.stringify(sarif([...placed, ...notices.map(asProblem)]), null, 2);
  }
}

/** As the API shows a problem; a notice is one that asks for nothing. */
interface FlatProblem {
  readonly origin: string;
  readonly code: string;
  readonly severity: 'error' | 'warning' | 'notice';
  readonly subjectKind: string;
  readonly subjectName: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly field: string;
  readonly message: string;
  readonly hint: string;
  readonly clusters: readonly string[];
}

function flat({ subject, place, ...problem }: FoundProblem, folder: string): FlatProblem {
  const { origin, code, severity, field, message, hint, clusters } = problem;
  const isPlaced = place.file === '' || posix.isAbsolute(place.file);
  const file = isPlaced ? place.file : posix.join(folder, place.file);
  const { line, column } = place;
  const who = { subjectKind: subject.kind, subjectName: subject.name };
  return { origin, code, severity, ...who, file, line, column, field, message, hint, clusters };
}

function asProblem(notice: Notice): FlatProblem {
  const nobody = { subjectKind: '', subjectName: '', field: '', hint: '', clusters: [] };
  return { origin: 'plan', severity: 'notice', ...nobody, ...notice };
}

function textLine(problem: FlatProblem): string {
  const { file, line, column, severity, hint } = problem;
  const where = [file, line, column].filter((part) => part !== 0 && part !== '').join(':');
  const parts = [where, severity, fullMessage(problem), hint === '' ? '' : `→ ${hint}`];
  return clean(parts.filter((part) => part !== '').join('   '));
}

function fullMessage({ field, message, clusters }: FlatProblem): string {
  const named = field === '' || message.includes(field) ? message : `${field}: ${message}`;
  return clusters.length === 0 ? named : `${named} (on ${clusters.join(', ')})`;
}

/** A workflow command, so that a pull request shows the problem at its line. */
function githubLine(problem: FlatProblem): string {
  const { severity, file, line, column, code, hint } = problem;
  const places = [
    ['file', file],
    ['line', line],
    ['col', column],
    ['title', code],
  ] as const;
  const properties = places
    .filter(([, value]) => value !== '' && value !== 0)
    .map(([key, value]) => `${key}=${escapeProperty(String(value))}`);
  const text = hint === '' ? fullMessage(problem) : `${fullMessage(problem)}. ${hint}`;
  return `::${severity} ${properties.join(',')}::${escapeData(text)}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

function sarif(problems: readonly FlatProblem[]): object {
  const rules = [...new Set(problems.map(({ code }) => code))].map((id) => ({ id }));
  const driver = { name: 'flotilla', version: CLI_VERSION, rules };
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [{ tool: { driver }, results: problems.map(sarifResult) }],
  };
}

function sarifResult(problem: FlatProblem): object {
  const { code, severity, file, line, column, hint } = problem;
  const region = { startLine: Math.max(1, line), ...(column === 0 ? {} : { startColumn: column }) };
  const locations = file === '' ? [] : [{ physicalLocation: { artifactLocation: { uri: file }, region } }];
  const text = hint === '' ? fullMessage(problem) : `${fullMessage(problem)}. ${hint}`;
  return { ruleId: code, level: severity === 'notice' ? 'note' : severity, message: { text }, locations };
}
