import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

/** One project per size of test; the folder (or ending) tells the size. */
const project = (
  name: string,
  include: string[],
  more: { timeout: number; exclude?: string[]; postgres?: boolean; isolate?: boolean },
) => ({
  extends: true as const,
  test: {
    name,
    include,
    exclude: ['**/node_modules/**', '**/dist/**', ...(more.exclude ?? [])],
    testTimeout: more.timeout,
    hookTimeout: 120_000,
    isolate: more.isolate ?? true,
    ...(more.postgres ? { globalSetup: ['test/setup-postgres.ts'] } : {}),
  },
});

export default defineConfig({
  plugins: [swc.vite({ swcrc: true })],
  resolve: { conditions: ['source', 'module', 'node', 'development|production'] },
  ssr: { resolve: { conditions: ['source', 'module', 'node', 'development|production'] } },
  test: {
    environment: 'node',
    pool: 'forks',
    // End-to-end files mostly wait for processes of their own: more workers than cores.
    maxWorkers: 4,
    projects: [
      project('small', ['{apps,libs}/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'], {
        timeout: 30_000,
        exclude: ['**/*.db.spec.ts'],
        // Loading the libraries anew for each of many short files takes longer than the tests.
        isolate: false,
      }),
      project('database', ['{apps,libs}/*/src/**/*.db.spec.ts'], { timeout: 60_000, postgres: true, isolate: false }),
      project('contract', ['test/contract/**/*.test.ts'], { timeout: 60_000 }),
      project('e2e', ['test/e2e/**/*.test.ts'], { timeout: 180_000, postgres: true }),
      project('fault', ['test/fault/**/*.test.ts'], { timeout: 180_000, postgres: true }),
      project('kubernetes', ['test/kubernetes/**/*.test.ts'], { timeout: 180_000, postgres: true }),
    ],
  },
});
