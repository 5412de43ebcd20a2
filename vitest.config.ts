import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';

/** One project per size of test; the folder tells the size. */
const project = (name: string, include: string[], testTimeout: number) => ({
  extends: true as const,
  test: { name, include, testTimeout, hookTimeout: 120_000 },
});

export default defineConfig({
  plugins: [swc.vite({ swcrc: true })],
  resolve: { conditions: ['source', 'node', 'import', 'default'] },
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'default'] } },
  test: {
    environment: 'node',
    pool: 'forks',
    projects: [
      project('small', ['{apps,libs}/*/src/**/*.spec.ts', 'tools/**/*.spec.ts'], 15_000),
      project('contract', ['test/contract/**/*.test.ts'], 60_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 120_000),
      project('fault', ['test/fault/**/*.test.ts'], 120_000),
      project('kubernetes', ['test/kubernetes/**/*.test.ts'], 180_000),
    ],
  },
});
