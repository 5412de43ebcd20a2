import type { Block, BlockKind } from '@flotilla/domain';

interface Blocked {
  readonly release: { readonly number: number };
  readonly blockedBy: readonly Block[];
}

/** What helps against a reason, most likely first. Where nothing but time helps, there is none. */
const REMEDIES: readonly (readonly [BlockKind, (app: string, block: Block) => string])[] = [
  ['approval', (app) => `rollout approve ${app}`],
  ['paused', (app) => `rollout resume ${app}`],
  ['rolledBack', (app) => `rollout clear ${app}`],
  ['hold', (app) => `rollout clear ${app}`],
  ['aborted', (app) => `rollout clear ${app}`],
  ['deletionApproval', (app) => `removal approve ${app}`],
  ['removalApproval', (app) => `removal approve ${app}`],
  ['removalApproval', (app) => `removal orphan ${app}`],
  ['dependsOn', (_, { who }) => `why ${who}`],
  ['silent', (_, { cluster }) => (cluster === undefined ? 'get clusters --unhealthy' : `why cluster/${cluster}`)],
  ['window', (app) => `rollout override-window ${app} --reason "…"`],
];

/** Of a held release nothing is tried again before it is cleared. */
const HELD: ReadonlySet<BlockKind> = new Set(['rolledBack', 'hold', 'aborted']);

/** While something has failed, what later waves wait for helps nothing. */
const LATER: ReadonlySet<BlockKind> = new Set(['approval', 'window', 'silent', 'dependsOn']);

const REVERT = 'revert the commit that took it out of Git (clears it without a write)';

/**
 * Commands that help an app on, most likely first.
 * @param failed a cluster on which it failed
 */
export function nextCommands(app: string, rollout: Blocked | undefined, failed: string | undefined): string[] {
  const blocks = rollout?.blockedBy ?? [];
  const remedies = remediesFor(app, blocks, failed !== undefined);
  if (failed === undefined)
    return blocks.some(({ kind }) => kind === 'removalApproval') ? [REVERT, ...remedies] : remedies;
  const fix = `push a fix (replaces #${rollout?.release.number ?? 0} at once)`;
  if (blocks.some(({ kind }) => HELD.has(kind))) return [fix, ...remedies];
  const back = `flotilla rollout rollback ${app} --reason "…"`;
  return [fix, back, `flotilla rollout retry ${app} --cluster ${failed}`, ...remedies];
}

function remediesFor(app: string, blocks: readonly Block[], hasFailed: boolean): string[] {
  const commands = REMEDIES.flatMap(([kind, command]) => {
    const block = hasFailed && LATER.has(kind) ? undefined : blocks.find((each) => each.kind === kind);
    return block ? [`flotilla ${command(app, block)}`] : [];
  });
  return [...new Set(commands)];
}
