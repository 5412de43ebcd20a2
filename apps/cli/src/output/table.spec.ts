import { expect, it } from 'vitest';
import { Table, clean, printTable } from './table.js';

const columns = [
  { title: 'NAME', of: (row: readonly string[]) => row[0] ?? '' },
  { title: 'STATE', of: (row: readonly string[]) => row[1] ?? '' },
  { title: 'NOTE', of: () => 'x', wide: true },
];

it('lays out columns under their titles, without blanks at the end', () => {
  expect(
    printTable(
      [
        ['a', 'ok'],
        ['longer', ''],
      ],
      columns,
    ),
  ).toBe('NAME     STATE\na        ok\nlonger');
  expect(printTable([['a', 'ok']], columns, { wide: true })).toBe('NAME   STATE   NOTE\na      ok      x');
});

it('goes on below without titles, never narrower', () => {
  const table = new Table(columns);
  expect(table.print([['longer', 'ok']])).toBe('NAME     STATE\nlonger   ok');
  expect(table.print([['a', 'ok']])).toBe('a        ok');
});

it('gives colours no width', () => {
  expect(printTable([['\u001b[31ma\u001b[0m', 'ok']], columns)).toBe('NAME   STATE\n\u001b[31ma\u001b[0m      ok');
});

it('lets nothing from outside steer the terminal', () => {
  expect(clean('a\nb\tc\u0007\u001b]0;title\u0007\u001b[2J')).toBe('a·b·c··]0;title··[2J');
});

it('cuts the longest cells where the terminal has no room, and nothing when wide', () => {
  const rows = [
    ['a', 'x'.repeat(60)],
    ['b'.repeat(30), 'ok'],
    ['c', `\u001b[31m${'y'.repeat(50)}\u001b[0m`],
  ];
  const lines = printTable(rows, columns, { room: 40 }).split('\n');
  expect(lines.map((line) => line.length)).toEqual([26, 40, 23, 40]);
  expect(lines[1]).toBe(`a${' '.repeat(20)}${'x'.repeat(18)}…`);
  expect(lines[3]).toMatch(/^c +y+…$/);
  expect(printTable(rows, columns, { room: 40, wide: true })).toContain('x'.repeat(60));
  expect(printTable(rows, columns, { room: 5 }).split('\n')[1]).toBe('a          xxxxxxx…');
});
