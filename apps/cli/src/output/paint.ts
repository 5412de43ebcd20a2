const CODES = { red: 31, green: 32, yellow: 33, dim: 2, bold: 1 } as const;

export type Paint = (color: keyof typeof CODES, text: string) => string;

/** Colours only where they are wanted: on a terminal and without NO_COLOR. */
export function painter(color: boolean): Paint {
  return (name, text) => (color ? `\u001b[${CODES[name]}m${text}\u001b[0m` : text);
}

const TONES: Readonly<Record<string, keyof typeof CODES>> = {
  healthy: 'green',
  connected: 'green',
  done: 'green',
  failed: 'red',
  halted: 'red',
  rolledBack: 'red',
  quarantined: 'red',
  error: 'red',
  unknown: 'yellow',
  drifted: 'yellow',
  paused: 'yellow',
  updating: 'yellow',
  pending: 'yellow',
  progressing: 'yellow',
  warning: 'yellow',
};

/** A state in its colour. Unknown is never green. */
export function paintState(paint: Paint, state: string): string {
  const tone = TONES[state];
  return tone ? paint(tone, state) : state;
}
