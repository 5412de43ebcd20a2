/** One condition on labels. `notIn` and `notExists` also hold when the key is missing, as in kubectl. */
export type Requirement =
  | { readonly op: 'in' | 'notIn'; readonly key: string; readonly values: readonly string[] }
  | { readonly op: 'exists' | 'notExists'; readonly key: string }
  | { readonly op: 'greaterThan' | 'lessThan'; readonly key: string; readonly value: number };

/** A label selector: all requirements must hold, and there is at least one. */
export interface Selector {
  /** In kubectl's syntax, one text per meaning. */
  readonly text: string;
  readonly requirements: readonly Requirement[];
}

/** Where a selector text breaks. Columns count from 1. */
export interface SelectorError {
  readonly column: number;
  readonly message: string;
}

export type SelectorResult =
  { readonly ok: true; readonly selector: Selector } | { readonly ok: false; readonly error: SelectorError };

/** Labels that agents state about their cluster live under this prefix. */
export const FACTS_PREFIX = 'facts/';

export function matchSelector(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  return selector.requirements.every((requirement) => matchRequirement(requirement, labels));
}

function matchRequirement(requirement: Requirement, labels: Readonly<Record<string, string>>): boolean {
  const value = Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined;
  return value === undefined ? holdsWithout(requirement) : holdsFor(requirement, value);
}

function holdsWithout({ op }: Requirement): boolean {
  return op === 'notIn' || op === 'notExists';
}

function holdsFor(requirement: Requirement, value: string): boolean {
  switch (requirement.op) {
    case 'in':
      return requirement.values.includes(value);
    case 'notIn':
      return !requirement.values.includes(value);
    case 'exists':
      return true;
    case 'notExists':
      return false;
    case 'greaterThan':
    case 'lessThan':
      return compareNumber(requirement.op, value, requirement.value);
  }
}

function compareNumber(op: 'greaterThan' | 'lessThan', text: string, bound: number): boolean {
  if (!/^-?\d+$/.test(text)) return false;
  return op === 'greaterThan' ? Number(text) > bound : Number(text) < bound;
}

/** The selector's text from its requirements: sorted, values sorted. */
export function printSelector(requirements: readonly Requirement[]): string {
  return requirements.map(printRequirement).sort().join(',');
}

function printRequirement(requirement: Requirement): string {
  const { key } = requirement;
  switch (requirement.op) {
    case 'in':
    case 'notIn':
      return printMembers(key, requirement.op, requirement.values);
    case 'exists':
      return key;
    case 'notExists':
      return `!${key}`;
    case 'greaterThan':
      return `${key}>${requirement.value}`;
    case 'lessThan':
      return `${key}<${requirement.value}`;
  }
}

function printMembers(key: string, op: 'in' | 'notIn', values: readonly string[]): string {
  if (values.length === 1) return `${key}${op === 'in' ? '=' : '!='}${values[0] ?? ''}`;
  return `${key} ${op === 'in' ? 'in' : 'notin'} (${values.join(',')})`;
}
