import type { Json } from '../json/index.js';

/** One file of a commit range, as text; absent where it is not there. */
export interface ChangedFile {
  readonly path: string;
  readonly before: string | undefined;
  readonly after: string | undefined;
}

export interface TracedLine {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

interface Candidate extends TracedLine {
  readonly text: string;
}

/**
 * The line that brought a value into a field, looked for among the lines that the commits added. Undefined when no line, or
 * more than one, may be it: a wrong place is worse than none.
 */
export function traceValue(
  files: readonly ChangedFile[],
  { field, value }: { readonly field: string; readonly value: Json },
): TracedLine | undefined {
  if (typeof value === 'object') return undefined;
  const added = files.flatMap(addedLines);
  const key = lastKey(field);
  for (const word of spellings(String(value))) {
    const found = added.filter(({ text }) => holdsWord(text, word));
    const named = found.filter(({ text }) => key !== '' && text.includes(key));
    const [only, ...others] = typeof value === 'string' && found.length === 1 ? found : named;
    if (only !== undefined && others.length === 0) return { file: only.file, line: only.line };
    if (found.length > 0) return undefined;
  }
  return undefined;
}

/** The value as it is, and the tag or digest of an image: Kustomize and Helm keep it apart from the name. */
function spellings(value: string): string[] {
  const [, tag] = /^[\w./-]+(?::\d+[\w./-]*)?[:@]([\w.:-]+)$/.exec(value) ?? [];
  return tag === undefined ? [value] : [value, tag];
}

/** Lines that the file has more often than before. */
function addedLines({ path, before, after }: ChangedFile): Candidate[] {
  const left = new Map<string, number>();
  for (const line of before?.split('\n') ?? []) left.set(line, (left.get(line) ?? 0) + 1);
  return (after?.split('\n') ?? []).flatMap((text, index) => {
    const kept = left.get(text) ?? 0;
    left.set(text, kept - 1);
    return kept > 0 ? [] : [{ file: path, line: index + 1, text }];
  });
}

const WORD = /[\w.:/@-]/;

/** Whether a text holds a word that goes on to neither side. */
function holdsWord(text: string, word: string): boolean {
  if (word === '') return false;
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const [before, after] = [text[at - 1] ?? ' ', text[at + word.length] ?? ' '];
    if (!WORD.test(before) && !WORD.test(after)) return true;
  }
  return false;
}

/** `image` of `spec.containers[web].image`. */
function lastKey(field: string): string {
  return /([A-Za-z0-9_-]+)\]?$/.exec(field)?.[1] ?? '';
}
