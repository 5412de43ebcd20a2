import type { JsonObject } from '../json.js';
import { listAt, objectAt, objectsAt, stringAt, textOf } from '../json.js';
import { badRequest } from '../status-error.js';

export type Labels = Readonly<Record<string, string>>;
type Test = (labels: Labels) => boolean;

const SET = /^([\w./-]+)\s+(in|notin)\s*\(([^)]*)\)$/;
const EQUAL = /^([\w./-]+)\s*(==|=|!=)\s*([\w.-]*)$/;
const COMPARE = /^([\w./-]+)\s*([<>])\s*(-?\d+)$/;
const EXISTS = /^(!?)\s*([\w./-]+)$/;

/** Reads a selector as it stands in a query (`a=b,c in (d,e),!f`). @throws 400 when it is none. */
export function parseLabelSelector(text: string): Test {
  const tests = text
    .split(/,(?![^(]*\))/)
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseRequirement);
  return (labels) => tests.every((test) => test(labels));
}

function parseRequirement(text: string): Test {
  for (const [pattern, build] of FORMS) {
    const [whole, ...parts] = pattern.exec(text) ?? [];
    if (whole !== undefined) return build(parts);
  }
  throw badRequest(`unable to parse requirement: found '${text}', expected: identifier after ','`);
}

const FORMS: readonly [RegExp, (parts: readonly string[]) => Test][] = [
  [
    SET,
    ([key = '', operator = '', list = '']) =>
      inSet(
        key,
        operator,
        list.split(',').map((value) => value.trim()),
      ),
  ],
  [EQUAL, ([key = '', operator, value = '']) => inSet(key, operator === '!=' ? 'notin' : 'in', [value])],
  [COMPARE, ([key = '', operator = '', bound]) => compareNumber(key, operator, Number(bound))],
  [
    EXISTS,
    ([not, key = '']) =>
      (labels) =>
        (labels[key] !== undefined) === (not === ''),
  ],
];

function inSet(key: string, operator: string, values: readonly string[]): Test {
  if (operator === 'in') return (labels) => labels[key] !== undefined && values.includes(labels[key]);
  return (labels) => labels[key] === undefined || !values.includes(labels[key]);
}

function compareNumber(key: string, operator: string, bound: number): Test {
  return (labels) => {
    const value = labels[key] === undefined ? NaN : Number(labels[key]);
    return operator === '<' ? value < bound : value > bound;
  };
}

/** A LabelSelector object; an empty one selects everything, an absent one nothing. */
export function matchesSelector(selector: JsonObject | undefined, labels: Labels): boolean {
  if (selector === undefined) return false;
  const equal = Object.entries(objectAt(selector, 'matchLabels')).every(([key, value]) => labels[key] === value);
  return equal && objectsAt(selector, 'matchExpressions').every((expression) => matchesExpression(expression, labels));
}

function matchesExpression(expression: JsonObject, labels: Labels): boolean {
  const value = labels[stringAt(expression, 'key')];
  const listed = value !== undefined && listAt(expression, 'values').includes(value);
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return listed;
    case 'NotIn':
      return !listed;
    case 'Exists':
      return value !== undefined;
    default:
      return value === undefined;
  }
}

/** The selector as the `status.selector` of a Scale prints it. */
export function printSelector(selector: JsonObject): string {
  const equal = Object.entries(objectAt(selector, 'matchLabels')).map(([key, value]) => `${key}=${textOf(value)}`);
  const expressions = objectsAt(selector, 'matchExpressions').map(printExpression);
  return [...equal, ...expressions].sort().join(',');
}

function printExpression(expression: JsonObject): string {
  const key = stringAt(expression, 'key');
  const values = listAt(expression, 'values').map(textOf).join(',');
  const printed = {
    In: `${key} in (${values})`,
    NotIn: `${key} notin (${values})`,
    Exists: key,
    DoesNotExist: `!${key}`,
  };
  return printed[stringAt(expression, 'operator') as keyof typeof printed] ?? key;
}
