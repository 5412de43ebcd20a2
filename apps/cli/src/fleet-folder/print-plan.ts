import type { FieldChange, FleetChangeItem, FoundProblem, Json, ObjectChange } from '@flotilla/domain';
import { printJson } from '@flotilla/domain';
import { posix } from 'node:path';
import type { Schemas } from '../api/client.js';
import { printObjectChanges } from '../commands/print-changes.js';
import type { Paint } from '../output/paint.js';
import { clean } from '../output/table.js';
import { printNames } from '../output/words.js';
import type { Notice, ProblemFormat } from './print-problems.js';
import { printProblems } from './print-problems.js';

export interface FleetPlan {
  readonly items: readonly FleetChangeItem[];
  /** Of the later revision. */
  readonly problems: readonly FoundProblem[];
}

export interface PlanLook {
  readonly folder: string;
  readonly format: ProblemFormat;
  readonly paint: Paint;
}

/** What would change, per app and cluster; in `sarif` and `github` each at the place of its app, beside the problems. */
export function printFleetPlan({ items, problems }: FleetPlan, { folder, format, paint }: PlanLook): string {
  switch (format) {
    case 'text':
      return items.flatMap((item) => [headOf(item, paint), ...printObjectChanges(changesOf(item), paint)]).join('\n');
    case 'json': {
      const shown = items.map((item) => ({ ...item, onDelete: item.onDelete ?? null, ...changesOf(item) }));
      const found = JSON.parse(printProblems(problems, folder, 'json')) as { items: unknown[] };
      return JSON.stringify({ items: shown, problems: found.items, next: null }, null, 2);
    }
    case 'sarif':
    case 'github':
      return printProblems(
        problems,
        folder,
        format,
        items.map((item) => noticeOf(item, folder)),
      );
  }
}

const CHANGES = { new: 'new on', changed: 'changes on', leaving: 'leaves', frozen: 'is frozen on' } as const;
const COLORS = { new: 'green', changed: 'yellow', leaving: 'red', frozen: 'red' } as const;

function headOf({ app, change, clusters, because, onDelete }: FleetChangeItem, paint: Paint): string {
  const where = clusters.length === 0 ? 'no cluster' : printNames(clusters, 'cluster');
  return clean(`${app}   ${paint(COLORS[change], CHANGES[change])} ${where}${fateOf({ change, because, onDelete })}`);
}

/** What becomes of objects whose app leaves or is frozen. */
function fateOf({ change, because, onDelete }: Pick<FleetChangeItem, 'change' | 'because' | 'onDelete'>): string {
  if (change === 'frozen') return `; it keeps what it has: ${because}`;
  if (change !== 'leaving') return '';
  if (because !== '') return `, but stays until this is mended: ${because}`;
  if (onDelete === 'prune') return '; its objects are deleted (onDelete: prune)';
  return onDelete === 'orphan'
    ? '; its objects live on, owned by nobody (onDelete: orphan)'
    : '; its objects run on, healed, until somebody decides (onDelete: ask)';
}

function changesOf({ objects, policy }: FleetChangeItem): {
  objects: Schemas['ObjectChangeDto'][];
  policy: Schemas['FieldChangeDto'][];
} {
  return { objects: objects.map(objectOf), policy: policy.map(fieldOf) };
}

function objectOf({ ref, change, fields }: ObjectChange): Schemas['ObjectChangeDto'] {
  return { ref, change, fields: fields.map(fieldOf) };
}

/** As the API shows it: values as JSON text. */
function fieldOf({ field, change, before, after }: FieldChange): Schemas['FieldChangeDto'] {
  const text = (value: Json | undefined): string | null => (value === undefined ? null : printJson(value));
  return { field, change, before: text(before), after: text(after) };
}

const plain: Paint = (_, text) => text;
const SHOWN = 5;

/** One line for a pull request. */
function noticeOf(item: FleetChangeItem, folder: string): Notice {
  const changes = printObjectChanges(changesOf(item), plain).map((line) => line.trim());
  const more = changes.length > SHOWN ? [`… ${changes.length - SHOWN} more`] : [];
  const message = [headOf(item, plain), ...changes.slice(0, SHOWN), ...more].join('; ');
  const { file, line, column } = item.place;
  return { code: `plan.${item.change}`, file: file === '' ? '' : posix.join(folder, file), line, column, message };
}
