import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { HUB_VERSION } from './hub-version.js';

it('is the version of the package', () => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  expect(HUB_VERSION).toBe((JSON.parse(text) as { version: string }).version);
});
