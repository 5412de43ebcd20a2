/** A key that stands twice in one map of a JSON text: its path, and the line (from 1) where it comes again. */
export interface DuplicateKey {
  readonly key: string;
  readonly path: string;
  readonly line: number;
}

interface Frame {
  /** Undefined in a list. */
  readonly keys: Set<string> | undefined;
  readonly path: string;
  index: number;
  key: string;
  expectsKey: boolean;
}

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:\n]/g;

/** Finds the keys that `JSON.parse` silently lets the last one win for. The text is valid JSON. */
export function findDuplicateKeys(text: string): DuplicateKey[] {
  const found: DuplicateKey[] = [];
  const stack: Frame[] = [];
  let line = 1;
  for (const [token] of text.matchAll(TOKEN)) {
    const frame = stack.at(-1);
    if (token === '\n') line += 1;
    else if (token.startsWith('"')) readText(token, frame, { line, found });
    else step(token, frame, stack);
  }
  return found;
}

function step(token: string, frame: Frame | undefined, stack: Frame[]): void {
  if (token === '{' || token === '[') stack.push(open(token, frame));
  else if (token === '}' || token === ']') stack.pop();
  else if (token === ',' && frame) {
    frame.index += 1;
    frame.expectsKey = frame.keys !== undefined;
  }
}

/** A text where a key is due is a key. */
function readText(token: string, frame: Frame | undefined, out: { line: number; found: DuplicateKey[] }): void {
  if (!frame?.expectsKey) return;
  frame.expectsKey = false;
  noteKey(JSON.parse(token) as string, frame, out);
}

function open(token: string, parent: Frame | undefined): Frame {
  const path = parent ? pathBelow(parent) : '';
  return { keys: token === '{' ? new Set() : undefined, path, index: 0, key: '', expectsKey: token === '{' };
}

function pathBelow({ keys, path, index, key }: Frame): string {
  if (!keys) return `${path}[${index}]`;
  return path === '' ? key : `${path}.${key}`;
}

function noteKey(key: string, frame: Frame, { line, found }: { line: number; found: DuplicateKey[] }): void {
  frame.key = key;
  if (frame.keys?.has(key)) found.push({ key, path: pathBelow(frame), line });
  frame.keys?.add(key);
}
