import type { JsonObject } from '@flotilla/domain';
import { printJson } from '@flotilla/domain';

// The API server reads JSON apply bodies as YAML: there these characters are line breaks or not printable, and a raw U+0085
// silently becomes a space. Escaped they pass unharmed.
const UNSAFE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** The text of an apply body: JSON that also survives being read as YAML. */
export function printApplyBody(object: JsonObject): string {
  return printJson(object).replace(UNSAFE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
