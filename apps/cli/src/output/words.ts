import type { Schemas } from '../api/client.js';
import { clean } from './table.js';

/** `Deployment web/web`. */
export function printRef({ kind, namespace, name }: Schemas['ObjectRefDto']): string {
  return `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`;
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
