import type { Schemas } from '../api/client.js';
import type { Paint } from '../output/paint.js';
import { clean } from '../output/table.js';
import { printRef } from '../output/words.js';

type FieldChange = Schemas['FieldChangeDto'];

interface Changes {
  readonly objects: readonly Schemas['ObjectChangeDto'][];
  readonly policy: readonly FieldChange[];
}

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;
const COLORS = { added: 'green', removed: 'red', changed: 'yellow' } as const;

/** Objects with their fields below them, `+` for what is new, `-` for what is gone, `~` for what is another. */
export function printObjectChanges({ objects, policy }: Changes, paint: Paint): string[] {
  return [
    ...objects.flatMap(({ ref, change, fields }) => [
      `  ${paint(COLORS[change], SIGNS[change])} ${clean(printRef(ref))}`,
      ...fields.flatMap((field) => fieldLines(field, paint)),
    ]),
    ...(policy.length === 0 ? [] : [`  ${paint('yellow', '~')} how it is applied and judged`]),
    ...policy.flatMap((field) => fieldLines(field, paint)),
  ];
}

function fieldLines(change: FieldChange, paint: Paint): string[] {
  const [before, after] = [textOf(change.before), textOf(change.after)];
  const head = `      ${paint(COLORS[change.change], SIGNS[change.change])} ${clean(change.field)}`;
  if (before?.includes('\n') === true || after?.includes('\n') === true)
    return [head, ...changedLines(before ?? '', after ?? '').map((line) => `          ${clean(line)}`)];
  const values = [before, after].filter((value) => value !== undefined).map(shorten);
  return [values.length === 0 ? head : `${head}  ${values.join(' → ')}`];
}

const LONGEST_VALUE = 100;

/** Text as it is, anything else as JSON. */
export function textOf(json: string | null): string | undefined {
  if (json === null) return undefined;
  const value: unknown = JSON.parse(json);
  return typeof value === 'string' ? value : json;
}

function shorten(text: string): string {
  const shown = text === '' ? '""' : clean(text);
  return shown.length > LONGEST_VALUE ? `${shown.slice(0, LONGEST_VALUE)}…` : shown;
}

const LINES_SHOWN = 20;

/** What is between the lines that both texts begin and end with. */
export function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  const rest = Math.min(old.length, now.length) - start;
  while (end < rest && old.at(-1 - end) === now.at(-1 - end)) end += 1;
  const between = (lines: readonly string[]): readonly string[] => lines.slice(start, lines.length - end);
  const changed = [...between(old).map((line) => `- ${line}`), ...between(now).map((line) => `+ ${line}`)];
  const more = changed.length - LINES_SHOWN;
  return more > 0 ? [...changed.slice(0, LINES_SHOWN), `… ${more} more lines`] : changed;
}

type Cause = Schemas['CauseDto'];
type Failing = Pick<Schemas['ObjectProblemDto'], 'ref'>;

/** `changed in #4: containers[web].image  web:1.4.0 → web:1.5.O   apps/web/values.yaml:7`; another object is named. */
export function printCause(cause: Cause, failing: readonly Failing[]): string {
  const { ref, change, field, release, file, line } = cause;
  const own = failing.some((problem) => problem.ref.kind === ref.kind && problem.ref.name === ref.name);
  const what = [own ? '' : printRef(ref), shortField(field)].filter((text) => text !== '').join(' ') || printRef(ref);
  const values = printValues(cause);
  const place = file === null ? '' : `   ${file}${line === null ? '' : `:${line}`}`;
  return `${change} in #${release}: ${what}${values === '' ? '' : `  ${values}`}${place}`;
}

const POD_TEMPLATE = /^spec\.(?:jobTemplate\.spec\.)?template\.spec\.(?=.)/;

/** `containers[web].image` of `spec.template.spec.containers[web].image`. */
function shortField(field: string): string {
  return field.replace(POD_TEMPLATE, '');
}

/** What two images share before their names says nothing. */
function printValues({ before, after }: Cause): string {
  const texts = [before, after].map(textOf).filter((text) => text !== undefined);
  const [first, second] = texts.map((text) => text.replaceAll('\n', '⏎'));
  if (first === undefined || second === undefined) return first === undefined ? '' : shorten(first);
  const host = /^\S+\//.exec(first)?.[0] ?? '';
  const shared = host !== '' && second.startsWith(host) && !/\s/.test(first + second) ? host.length : 0;
  return `${shorten(first.slice(shared))} → ${shorten(second.slice(shared))}`;
}
