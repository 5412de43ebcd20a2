import type { Block, BlockKind } from '@flotilla/domain';
import { expect, it } from 'vitest';
import { nextCommands } from './next-commands.js';

type More = Partial<Block>;

function blocked(...kinds: readonly (BlockKind | readonly [BlockKind, More])[]): Parameters<typeof nextCommands>[1] {
  const blockedBy = kinds.map((each): Block => {
    const [kind, more] = typeof each === 'string' ? [each, {}] : each;
    return { kind, who: 'who', since: 0, unblocks: '', ...more };
  });
  return { release: { number: 4 }, blockedBy };
}

it.each([
  [['approval', 'earlierWave'], ['flotilla rollout approve web']],
  [['paused', 'soak'], ['flotilla rollout resume web']],
  [['deletionApproval'], ['flotilla removal approve web']],
  [['window'], ['flotilla rollout override-window web --reason "…"']],
  [
    [
      ['silent', { cluster: 'eu-1' }],
      ['silent', { cluster: 'eu-2' }],
    ],
    ['flotilla why cluster/eu-1'],
  ],
  [[['silent', { who: '5 more clusters' }]], ['flotilla get clusters --unhealthy']],
  [[['dependsOn', { who: 'db' }]], ['flotilla why db']],
  [['health', 'soak', 'maxConcurrent', 'newLeader'], []],
] as const)('%j: %j', (kinds, commands) => {
  expect(nextCommands('web', blocked(...kinds), undefined)).toEqual(commands);
});

it('names a deletion once that two waits ask for, after the revert', () => {
  expect(nextCommands('web', blocked('deletionApproval', 'removalApproval'), undefined)).toEqual([
    'revert the commit that took it out of Git (clears it without a write)',
    'flotilla removal approve web',
    'flotilla removal orphan web',
  ]);
});

it('helps a failure before all that waits behind it', () => {
  const halted = blocked('failureBudget', 'approval', ['silent', { cluster: 'us-1' }], ['dependsOn', { who: 'db' }]);
  expect(nextCommands('web', halted, 'eu-1')).toEqual([
    'push a fix (replaces #4 at once)',
    'flotilla rollout rollback web --reason "…"',
    'flotilla rollout retry web --cluster eu-1',
  ]);
  expect(nextCommands('web', blocked('rolledBack', 'failureBudget'), 'eu-1')).toEqual([
    'push a fix (replaces #4 at once)',
    'flotilla rollout clear web',
  ]);
});
