import { imageTag } from '../defaulting/built-in-defaults.js';

/** Patterns of tags; kwok reads them too (`control-plane/kwok-stages.ts`), so they hold to what JavaScript and Go share. */
export const ABSENT = /missing|broken|does-not-exist/;
export const VERSION = /^v?\d+(\.\d+)*(?:[-+_][\w.+-]*)?$/;
export const WORD = /^[A-Za-z_][\w.-]*$/;

/**
 * Which images there are, when a cluster is not told otherwise: every digest, and every tag that is a word (`latest`,
 * `stable-alpine`, `distroless-v1.38`) or a version (`1.27`, `v2.0.1-rc.1`, `3-alpine`). No image has a tag that contains `missing`, `broken`
 * or `does-not-exist`, or that is a version misspelt, such as `1.5.O`.
 */
export function imageExists(image: string): boolean {
  if (image.includes('@')) return true;
  const tag = imageTag(image);
  return !ABSENT.test(tag) && (VERSION.test(tag) || WORD.test(tag));
}
