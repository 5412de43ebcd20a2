const STEPS: readonly (readonly [ms: number, unit: string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1_000, 's'],
];

/** A span for people: `4s`, `1m08s`, `3h12m`, `2d4h`. */
export function printSpan(ms: number): string {
  const whole = Math.max(0, Math.floor(ms / 1_000)) * 1_000;
  const at = STEPS.findIndex(([size]) => whole >= size);
  const [size, unit] = STEPS[at < 0 ? STEPS.length - 1 : at] ?? [1_000, 's'];
  const rest = STEPS[at + 1];
  const head = `${Math.floor(whole / size)}${unit}`;
  if (at < 0 || !rest) return head;
  const second = Math.floor((whole % size) / rest[0]);
  return second === 0 ? head : `${head}${String(second).padStart(rest[0] === 1_000 ? 2 : 1, '0')}${rest[1]}`;
}

/** Age of a moment; `-` when there is none. */
export function printAge(at: string | null | undefined, now: number): string {
  return at ? printSpan(now - Date.parse(at)) : '-';
}
