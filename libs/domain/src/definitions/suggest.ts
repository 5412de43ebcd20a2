/** The known word nearest to an unknown one, when it is near enough to be a slip. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  const limit = Math.max(1, Math.floor(word.length / 3));
  let best: { word: string; distance: number } | undefined;
  for (const candidate of known) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { word: candidate, distance };
  }
  return best?.word;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one text into the other. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) row.push(distanceAt({ a, b, i, j }, { before, last, row }));
    before = last;
    last = row;
  }
  return last[b.length] ?? 0;
}

interface Rows {
  readonly before: readonly number[];
  readonly last: readonly number[];
  readonly row: readonly number[];
}

function distanceAt(at: { a: string; b: string; i: number; j: number }, { before, last, row }: Rows): number {
  const { a, b, i, j } = at;
  const replaced = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
  const shortest = Math.min(replaced, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
  const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
  return swapped ? Math.min(shortest, (before[j - 2] ?? 0) + 1) : shortest;
}
