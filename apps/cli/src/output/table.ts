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

  /**
   * @param room characters in a line of the terminal: the longest cells are cut to it. Without it, and when `wide`, nothing is
   */
  constructor(
    columns: readonly Column<T>[],
    wide = false,
    private readonly room: number | undefined = undefined,
  ) {
    this.columns = columns.filter((column) => wide || column.wide !== true);
    if (wide) this.room = undefined;
  }

  print(rows: readonly T[]): string {
    const cells = rows.map((row) => this.columns.map(({ of }) => clean(of(row))));
    const lines = this.widths.length === 0 ? [this.columns.map(({ title }) => title), ...cells] : cells;
    const needed = this.columns.map((_, i) =>
      Math.max(this.widths[i] ?? 0, ...lines.map((line) => width(line[i] ?? ''))),
    );
    this.widths = this.room === undefined ? needed : this.fit(needed, this.room);
    return lines.map((line) => this.layOut(line)).join('\n');
  }

  /** The widest column gives way first, none below its title or what can still be told apart. */
  private fit(needed: readonly number[], room: number): number[] {
    const fitted = [...needed];
    const least = this.columns.map(({ title }) => Math.max(title.length, LEAST));
    let over = fitted.reduce((sum, each) => sum + each, GAP.length * (fitted.length - 1)) - room;
    while (over > 0) {
      const spare = fitted.map((each, i) => (each > (least[i] ?? 0) ? each : 0));
      const widest = spare.indexOf(Math.max(...spare));
      if ((spare[widest] ?? 0) === 0) break;
      fitted[widest] = (fitted[widest] ?? 0) - 1;
      over -= 1;
    }
    return fitted;
  }

  private layOut(line: readonly string[]): string {
    return line
      .map((cell, i) => pad(cut(cell, this.widths[i] ?? 0), this.widths[i] ?? 0))
      .join(GAP)
      .trimEnd();
  }
}

export interface TableSize {
  readonly wide?: boolean;
  /** Characters in a line of the terminal. */
  readonly room?: number | undefined;
}

export function printTable<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  { wide = false, room }: TableSize = {},
): string {
  return new Table(columns, wide, room).print(rows);
}

const GAP = '   ';
const LEAST = 8;

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

/** What is cut loses its colour too. */
function cut(text: string, to: number): string {
  return width(text) <= to ? text : `${[...text.replace(COLOR, '')].slice(0, to - 1).join('')}…`;
}

function pad(text: string, to: number): string {
  return text + ' '.repeat(Math.max(0, to - width(text)));
}
