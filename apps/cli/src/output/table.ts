export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string;
  /** Shown only with `-o wide`. */
  readonly wide?: boolean;
}

/** Columns as kubectl lays them out: upper-case titles, three spaces between, no rules. Control characters are shown as `·`. */
export function printTable<T>(rows: readonly T[], columns: readonly Column<T>[], wide = false): string {
  const shown = columns.filter((column) => wide || column.wide !== true);
  const lines = [shown.map(({ title }) => title), ...rows.map((row) => shown.map(({ of }) => clean(of(row))))];
  const widths = shown.map((_, i) => Math.max(...lines.map((line) => width(line[i] ?? ''))));
  return lines
    .map((line) =>
      line
        .map((cell, i) => pad(cell, widths[i] ?? 0))
        .join('   ')
        .trimEnd(),
    )
    .join('\n');
}

// eslint-disable-next-line no-control-regex -- what comes from clusters and Git must not steer a terminal
const CONTROL = /[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f-\u009f\r\n\t]/g;
// eslint-disable-next-line no-control-regex -- our own colours have no width
const COLOR = /\u001b\[\d+m/g;

export function clean(text: string): string {
  return text.replace(CONTROL, '·');
}

function width(text: string): number {
  return [...text.replace(COLOR, '')].length;
}

function pad(text: string, to: number): string {
  return text + ' '.repeat(Math.max(0, to - width(text)));
}
