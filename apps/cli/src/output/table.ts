export interface Column<T> {
  readonly title: string;
  readonly of: (row: T) => string;
  /** Shown only with `-o wide`. */
  readonly wide?: boolean;
}

/**
 * Columns as kubectl lays them out: upper-case titles, three spaces between, no rules. Control characters are shown as `·`.
 * Printed again, it goes on below: without titles, never narrower than before.
 */
export class Table<T> {
  private readonly columns: readonly Column<T>[];
  private widths: readonly number[] = [];

  constructor(columns: readonly Column<T>[], wide = false) {
    this.columns = columns.filter((column) => wide || column.wide !== true);
  }

  print(rows: readonly T[]): string {
    const cells = rows.map((row) => this.columns.map(({ of }) => clean(of(row))));
    const lines = this.widths.length === 0 ? [this.columns.map(({ title }) => title), ...cells] : cells;
    this.widths = this.columns.map((_, i) =>
      Math.max(this.widths[i] ?? 0, ...lines.map((line) => width(line[i] ?? ''))),
    );
    return lines.map((line) => this.layOut(line)).join('\n');
  }

  private layOut(line: readonly string[]): string {
    return line
      .map((cell, i) => pad(cell, this.widths[i] ?? 0))
      .join('   ')
      .trimEnd();
  }
}

export function printTable<T>(rows: readonly T[], columns: readonly Column<T>[], wide = false): string {
  return new Table(columns, wide).print(rows);
}

// What comes from clusters and Git must not steer a terminal.
const CONTROL = /[\u0000-\u001a\u001c-\u001f\u007f-\u009f]|\u001b(?!\[\d+m)/g;
// Our own colours have no width.
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
