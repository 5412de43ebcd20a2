import type { Json } from '../json/index.js';
import type { Difference, Step } from './walk-differences.js';
import { walkDifferences } from './walk-differences.js';

export type Change = 'added' | 'removed' | 'changed';

/** One field that is another one than before. Values are absent where there is none, and where they are secret. */
export interface FieldChange {
  /** For people: `spec.template.spec.containers[web].image`. */
  readonly field: string;
  readonly change: Change;
  readonly before?: Json;
  readonly after?: Json;
}

/** Every field that changes from one value to another. */
export function diffFields(before: Json | undefined, after: Json | undefined): FieldChange[] {
  return walkDifferences(before, after).map(toChange);
}

function toChange({ path, left, right }: Difference): FieldChange {
  return {
    field: printSteps(path),
    change: changeOf(left, right),
    ...(left !== undefined && { before: left }),
    ...(right !== undefined && { after: right }),
  };
}

export function changeOf(before: unknown, after: unknown): Change {
  if (before === undefined) return 'added';
  return after === undefined ? 'removed' : 'changed';
}

const PLAIN_KEY = /^[A-Za-z0-9_-]+$/;

/** `spec.containers[web].ports[0]`, `metadata.annotations["a.b/c"]`. Different paths are printed differently. */
function printSteps(path: readonly Step[]): string {
  const text = path.map((step) => (typeof step === 'string' ? printKey(step) : printItem(step))).join('');
  return text.replace(/^\./, '');
}

function printKey(key: string): string {
  return PLAIN_KEY.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** A name that could be taken for an index, or is none to read, is quoted and marked. */
function printItem({ index, name }: Exclude<Step, string>): string {
  if (name === undefined) return `[${index}]`;
  return PLAIN_KEY.test(name) && !/^\d+$/.test(name) ? `[${name}]` : `[name=${JSON.stringify(name)}]`;
}
