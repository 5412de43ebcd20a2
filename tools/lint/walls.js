/**
 * The walls between the parts of the project, as lint rules whose message says why. Plain JavaScript, since ESLint loads
 * it as configuration. `walls.spec.ts` shows that each one refuses what it should.
 */
const deny = (group, message) => ({ group, message });
const restrict = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});

const denyRegex = (regex, message) => ({ regex, message });

const OUTSIDE_DOMAIN = denyRegex(
  '^(?!\\.|yaml$|@marcbachmann/cel-js$|croner$|fast-json-patch$|@noble/hashes/)',
  'libs/domain is pure: no I/O, clock, randomness or framework. Take what you need as an argument.',
);
const CAPABILITIES =
  'access|clusters|config|database|delivery|events|fleets|http|logging|reports|rollouts|sealing|sources|views|web';
const INSIDES = denyRegex(
  `^(\\.\\./)+(${CAPABILITIES})/(?!index\\.js$)`,
  'a capability is imported through its index.ts only: its inside is off limits.',
);
const APPS = deny(
  ['@flotilla/hub*', '@flotilla/agent*', '@flotilla/cli*', '@flotilla/web*', '**/apps/**'],
  'apps never import apps: share through libs.',
);
const NEST = deny(['@nestjs/*'], '@nestjs/* belongs to apps/hub only, so that the rest runs without it.');
const TESTING = deny(['@flotilla/testing', '**/libs/testing/**'], 'testing is never imported by shipped code.');
const OTHER_LIBS = deny(
  ['@flotilla/*', '!@flotilla/domain'],
  'a lib imports domain and no other lib: let the app put them together.',
);
const ORM = deny(
  ['typeorm'],
  'the ORM stays in *.entity.ts, *.repository.ts and database/, so that storage can be seen in one place.',
);
const WIRE = deny(
  ['@flotilla/protocol', '**/generated/**'],
  'wire types stay in delivery and link: the rest speaks domain types.',
);

const SPECS = ['**/*.spec.ts', '**/*.fixture.ts'];

const AGENT_PARTS = 'apps/agent/src';
const HUB = 'apps/hub/src';

export const walls = [
  restrict(['libs/domain/src/**/*.ts'], [OUTSIDE_DOMAIN], SPECS),
  restrict(['libs/{git,kube,render,telemetry,protocol}/src/**/*.ts'], [OTHER_LIBS, NEST, APPS], SPECS),
  restrict(['libs/testing/src/**/*.ts'], [OTHER_LIBS, NEST, APPS]),
  restrict(
    [`${AGENT_PARTS}/**/*.ts`],
    [deny(['@flotilla/hub*', '@flotilla/cli*'], APPS.message), NEST, TESTING, WIRE, ORM],
    [`${AGENT_PARTS}/link/**`, ...SPECS],
  ),
  restrict(
    [`${AGENT_PARTS}/link/**/*.ts`],
    [deny(['@flotilla/hub*', '@flotilla/cli*'], APPS.message), NEST, TESTING, ORM],
    SPECS,
  ),
  restrict(
    ['apps/cli/src/**/*.ts'],
    [
      deny(['@flotilla/hub*', '@flotilla/agent*'], APPS.message),
      NEST,
      TESTING,
      deny(['@flotilla/protocol'], WIRE.message),
      ORM,
    ],
    SPECS,
  ),
  restrict(
    [`${HUB}/**/*.ts`],
    [deny(['@flotilla/agent*', '@flotilla/cli*'], APPS.message), TESTING, WIRE, ORM, INSIDES],
    [`${HUB}/delivery/**`, `${HUB}/database/**`, '**/*.repository.ts', '**/*.entity.ts', ...SPECS],
  ),
  restrict(
    [`${HUB}/delivery/**/*.ts`],
    [deny(['@flotilla/agent*', '@flotilla/cli*'], APPS.message), TESTING, ORM, INSIDES],
    ['**/*.repository.ts', '**/*.entity.ts', ...SPECS],
  ),
  restrict(
    [`${HUB}/**/*.repository.ts`, `${HUB}/database/**/*.ts`],
    [deny(['@flotilla/agent*', '@flotilla/cli*'], APPS.message), TESTING, INSIDES],
    SPECS,
  ),
  {
    files: ['apps/hub/src/**/*.ts', 'apps/agent/src/**/*.ts', 'apps/cli/src/**/*.ts', 'libs/**/*.ts'],
    ignores: ['apps/*/src/config/**', 'apps/*/src/main.ts', 'libs/*/src/config/**', 'libs/testing/**', ...SPECS],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'the environment is read only in config/: declare a setting there.',
        },
      ],
    },
  },
  {
    files: ['libs/domain/src/**/*.ts'],
    ignores: SPECS,
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'setTimeout',
        'setInterval',
        'fetch',
        'Buffer',
        'performance',
        'crypto',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'libs/domain has no clock: take `now` as an argument.' },
        { object: 'Math', property: 'random', message: 'libs/domain has no randomness: take a seed as an argument.' },
      ],
    },
  },
];
