import tseslint from 'typescript-eslint';
import { walls } from './tools/lint/walls.js';

/** Limits on size and shape: long or deep code is split on purpose (docs/architecture.md). */
const limits = {
  complexity: ['error', 10],
  'max-depth': ['error', 3],
  'max-params': ['error', 3],
  eqeqeq: 'error',
  'no-console': 'error',
};

export default tseslint.config(
  { ignores: ['**/dist/**', '**/generated/**', 'node_modules/**', '.cache/**', '.flotilla/**', 'coverage/**'] },
  ...tseslint.configs.recommendedTypeChecked.map((config) => ({ ...config, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      ...limits,
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Ports return promises; an implementation that needs no await is still one.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
    },
  },
  {
    files: ['**/*.spec.ts', '**/*.fixture.ts', 'test/**/*.ts', 'tools/**/*.ts', 'libs/testing/**/*.ts'],
    rules: { 'max-params': ['error', 4], 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    // What Nest injects are parameters of a constructor; their number is the capability's, not a call's.
    files: [
      'apps/hub/src/**/*.{service,repository,controller,query,handlers,strategy,module,guard}.ts',
      '**/*.fixture.ts',
      'test/support/**/*.ts',
    ],
    rules: { 'max-params': 'off' },
  },
  ...walls,
);
