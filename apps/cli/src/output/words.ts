import type { Schemas } from '../api/client.js';
import { clean } from './table.js';

/** `Deployment web/web`. */
export function printRef({ kind, namespace, name }: Schemas['ObjectRefDto']): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
}

/** Of Secrets no value is ever shown. */
export function isSecret({ group, kind }: Pick<Schemas['ObjectRefDto'], 'group' | 'kind'>): boolean {
  return group === '' && kind === 'Secret';
}

/** Enough of a commit to find it. */
export function printCommit(commit: string | null | undefined): string {
  return (commit ?? '').slice(0, 7) || '-';
}

interface ReleaseHead {
  readonly number: number;
  readonly commit: string;
  readonly subject: string;
  readonly author: string;
}

/** `#4 8d41e07 "web 1.5.0" (ana)`. */
export function printReleaseHead({ number, commit, subject, author }: ReleaseHead): string {
  return `#${number} ${printCommit(commit)} "${clean(subject)}" (${clean(author)})`;
}

/** `#4`, or `-` when there is none. */
export function printNumber(number: number | null): string {
  return number === null ? '-' : `#${number}`;
}

/** `Deployment web/web: /spec/replicas by kubectl, healed`. */
export function printDrift({ ref, kind, field, manager, healed }: Schemas['DriftDto']): string {
  const what = kind === 'deleted' ? 'deleted' : `${field} by ${manager || 'unknown'}`;
  return clean(`${printRef(ref)}: ${what}${healed ? ', healed' : ''}`);
}

/** `env=prod,region=eu`. */
export function printLabels(labels: Readonly<Record<string, string>>): string {
  return (
    Object.entries(labels)
      .map(([key, value]) => `${key}=${value}`)
      .join(',') || '-'
  );
}

/** `ImagePullBackOff  "registry.example/web:1.5.O: not found"`; a message with quotes of its own goes without ours, of a long one the end. */
export function printReason({ code, message }: Pick<Schemas['ObjectProblemDto'], 'code' | 'message'>): string {
  if (message === '') return code;
  const short = shortenMessage(message);
  return clean(short.includes('"') ? `${code}  ${short}` : `${code}  "${short}"`);
}

const LONGEST_MESSAGE = 120;

/** A wrapped error ends in what was wrong: of a long one only that end, at most so many characters. */
export function shortenMessage(message: string): string {
  if (message.length <= LONGEST_MESSAGE) return message;
  const parts = message.split(': ');
  let short = parts.pop() ?? '';
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    if (part.length + short.length > LONGEST_MESSAGE / 2) break;
    short = `${part}: ${short}`;
  }
  return short.length > LONGEST_MESSAGE ? `${short.slice(0, LONGEST_MESSAGE)}…` : short;
}

/** `1 target`, `2 targets`. */
export function printCount(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** `ROLLED BACK` of `rolledBack`. */
export function printLoud(state: string): string {
  return state.replace(/[A-Z]/g, (letter) => ` ${letter}`).toUpperCase();
}

const NAMED_AT_MOST = 5;

/** `eu-1, eu-2`; of many their count comes first: `200 clusters: eu-1, …`. */
export function printNames(names: readonly string[], noun: string): string {
  if (names.length <= NAMED_AT_MOST) return names.join(', ');
  return `${printCount(names.length, noun)}: ${names.slice(0, NAMED_AT_MOST).join(', ')}, …`;
}

/** `web/flotilla.yaml:6`; empty when there is no file to name. */
export function printPlace({ file, line }: { readonly file: string; readonly line: number }): string {
  return file === '' ? '' : `${file}:${line}`;
}

/** Things with the same key together, in the order of their first. */
export function joinAlike<T>(things: readonly T[], keyOf: (thing: T) => string): (readonly [T, ...T[]])[] {
  const groups = new Map<string, [T, ...T[]]>();
  for (const thing of things) {
    const group = groups.get(keyOf(thing));
    if (group) group.push(thing);
    else groups.set(keyOf(thing), [thing]);
  }
  return [...groups.values()];
}
