import type { ContentProblem } from './content-problem.js';
import { contentError } from './content-problem.js';

/** Why bytes are no text that Kubernetes would read. */
export interface NotText {
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly hint: string;
}

/** The problem of a file that is no text. */
export function notTextProblem(file: string, { line, column, message, hint }: NotText): ContentProblem {
  return contentError('yamlSyntax', { file, line, column }, [message, hint]);
}

/** What YAML forbids outside of escapes: all control characters but tab and line ends. */
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/;

/** The text of a file, without its byte-order mark; what is no UTF-8 text is never read with replacement characters. */
export function decodeText(bytes: Uint8Array): string | NotText {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { line: 1, column: 1, message: 'the file is not UTF-8 text', hint: 'Save it as UTF-8.' };
  }
  const at = text.search(CONTROL);
  if (at < 0) return text;
  const before = text.slice(0, at).split('\n');
  const code = text.charCodeAt(at).toString(16).toUpperCase().padStart(4, '0');
  return {
    line: before.length,
    column: (before.at(-1)?.length ?? 0) + 1,
    message: `the file holds the control character U+${code}: it is no text`,
    hint: 'Remove the character, or do not put the file there.',
  };
}
