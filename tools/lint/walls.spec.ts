import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

const eslint = new ESLint({ overrideConfigFile: true, overrideConfig: await wallsOnly() });

async function wallsOnly(): Promise<never> {
  const { walls } = (await import('./walls.js')) as { walls: object[] };
  const { default: tseslint } = await import('typescript-eslint');
  const parser = {
    files: ['**/*.ts'],
    languageOptions: { parser: tseslint.parser },
    plugins: { '@typescript-eslint': tseslint.plugin },
  };
  return [parser, ...walls] as never;
}

async function complaints(filePath: string, code: string): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return (result?.messages ?? []).map((message) => message.message);
}

describe('walls', () => {
  it.each([
    ['libs/domain/src/a/b.ts', `import 'node:fs';`, 'domain is pure'],
    ['libs/domain/src/a/b.ts', `import '@nestjs/common';`, 'domain is pure'],
    ['libs/domain/src/a/b.ts', `export const t = Date.now();`, 'no clock'],
    ['libs/domain/src/a/b.ts', `export const t = Math.random();`, 'no randomness'],
    ['libs/git/src/b.ts', `import '@flotilla/render';`, 'no other lib'],
    ['libs/kube/src/b.ts', `import '@flotilla/testing';`, 'no other lib'],
    ['apps/agent/src/store/b.ts', `import '@flotilla/protocol';`, 'wire types'],
    ['apps/agent/src/store/b.ts', `import '@nestjs/common';`, 'apps/hub only'],
    ['apps/agent/src/link/b.ts', `import '@flotilla/hub';`, 'apps never import apps'],
    ['apps/cli/src/b.ts', `import '@flotilla/testing';`, 'never imported by shipped code'],
    ['apps/hub/src/fleets/b.service.ts', `import 'typeorm';`, 'ORM'],
    ['apps/hub/src/fleets/b.service.ts', `import '@flotilla/protocol';`, 'wire types'],
    ['apps/hub/src/fleets/b.service.ts', `import '../rollouts/driver.js';`, 'off limits'],
    ['apps/hub/src/delivery/b.repository.ts', `import '../rollouts/driver.js';`, 'off limits'],
    ['apps/hub/src/fleets/b.service.ts', `export const e = process.env['HOME'];`, 'only in config'],
  ])('%s may not say %s', async (file, code, reason) => {
    expect(await complaints(file, code)).toEqual([expect.stringContaining(reason)]);
  });

  it.each([
    ['libs/domain/src/a/b.ts', `import { parse } from 'yaml';\nimport '../json/index.js';`],
    ['libs/git/src/b.ts', `import '@flotilla/domain';\nimport 'node:fs';`],
    ['apps/hub/src/fleets/b.repository.ts', `import 'typeorm';`],
    ['apps/hub/src/delivery/b.ts', `import '@flotilla/protocol';\nimport '../reports/index.js';`],
    ['apps/agent/src/link/b.ts', `import '@flotilla/protocol';`],
    ['apps/hub/src/config/b.ts', `export const e = process.env['HOME'];`],
  ])('%s may say %s', async (file, code) => {
    expect(await complaints(file, code)).toEqual([]);
  });
});
