import { expect } from 'vitest';

/** Matchers of Vitest, typed as what they are to the compiler: something unknown. */
export const aString: unknown = expect.any(String);
export const containing = (text: string): unknown => expect.stringContaining(text);
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);
