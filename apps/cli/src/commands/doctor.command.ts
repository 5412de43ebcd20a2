import type { Command } from 'commander';
import { bodyOf } from '../api/client.js';
import { CliError, EXIT } from '../exit.js';
import { printSpan } from '../output/age.js';
import type { CommandContext } from '../run-cli.js';
import type { Session } from '../session.js';
import { CLI_VERSION } from '../version.js';

interface Check {
  readonly name: string;
  /** What was found. @throws CliError with what is wrong and what to do */
  readonly look: (session: Session) => Promise<string>;
}

const MAX_SKEW_MS = 30_000;
/** Who asks what is wrong does not wait long. */
const PATIENCE_MS = 5_000;

const CHECKS: readonly Check[] = [
  { name: 'context', look: async (session) => (await session.hub()).url },
  { name: 'hub', look: reachable },
  { name: 'version', look: versions },
  { name: 'leader', look: leads },
  { name: 'token', look: token },
  { name: 'clock', look: clock },
  { name: 'decides', look: decides },
];

/** `flotilla doctor`: from here to the hub, step by step; a step whose forerunner failed is not tried. */
export function addDoctorCommand(program: Command, { session, answer }: CommandContext): void {
  program
    .command('doctor')
    .description('Check the way from here to the hub, step by step')
    .action(async () => {
      const failed = await examine(session());
      if (failed) answer(EXIT[failed.exit === 'usage' ? 'no' : failed.exit]);
    });
}

async function examine(session: Session): Promise<CliError | undefined> {
  for (const { name, look } of CHECKS) {
    try {
      session.out(`${session.paint('green', 'ok')}      ${name.padEnd(8)}  ${await look(session)}`);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      session.out(`${session.paint('red', 'failed')}  ${name.padEnd(8)}  ${error.message}`);
      if (error.hint !== undefined) session.out(`do      ${error.hint}`);
      return error;
    }
  }
  return undefined;
}

async function reachable(session: Session): Promise<string> {
  const start = Date.now();
  const { version } = await (await session.api(PATIENCE_MS)).GET('/api/v1/version').then(
    ({ data, response }) => {
      if (data) return data;
      throw new CliError(
        'unreachable',
        `what answers there is no Flotilla hub (${response.status})`,
        'flotilla login URL',
      );
    },
    (error: unknown) => {
      const message = error instanceof Error ? error.message : 'it does not answer';
      const known = error instanceof CliError && error.hint !== 'flotilla doctor' ? error.hint : undefined;
      const hint = known ?? 'is the address right (flotilla context list), and the hub running?';
      throw new CliError('unreachable', message, hint);
    },
  );
  return `version ${version} answers in ${Date.now() - start} ms`;
}

/** Hub and CLI work together across one minor release. */
async function versions(session: Session): Promise<string> {
  const { version } = await bodyOf((await session.api(PATIENCE_MS)).GET('/api/v1/version'));
  const [mine, its] = [CLI_VERSION, version].map((text) => text.split('.').map(Number));
  const far = mine?.[0] !== its?.[0] || Math.abs((mine?.[1] ?? 0) - (its?.[1] ?? 0)) > 1;
  if (!far) return `this is ${CLI_VERSION}`;
  const words = `this is ${CLI_VERSION}, the hub ${version}: more than one minor release apart`;
  throw new CliError('no', words, `take the flotilla of version ${version}`);
}

async function leads(session: Session): Promise<string> {
  const { role } = await bodyOf((await session.api(PATIENCE_MS)).GET('/readyz'));
  return role === 'leader' ? 'this hub decides' : 'this hub is a standby; another one decides';
}

async function token(session: Session): Promise<string> {
  const call = (await session.api(PATIENCE_MS)).GET('/api/v1/whoami');
  const { name, role } = await bodyOf(call).catch((error: unknown) => {
    if (error instanceof CliError && error.exit === 'refused')
      throw new CliError('refused', 'the hub does not take the token', 'flotilla login URL --token-file FILE');
    throw error;
  });
  return `${name}, ${role}`;
}

async function clock(session: Session): Promise<string> {
  const start = Date.now();
  const { now } = await bodyOf((await session.api(PATIENCE_MS)).GET('/api/v1/version'));
  const skewMs = Math.round(Date.parse(now) - (start + Date.now()) / 2);
  const words = `the hub is ${printSpan(Math.abs(skewMs))} ${skewMs < 0 ? 'behind' : 'ahead of'} this machine`;
  if (Math.abs(skewMs) > MAX_SKEW_MS)
    throw new CliError('no', `${words}: ages shown here are wrong`, 'set the clocks by NTP');
  return Math.abs(skewMs) < 1_000 ? 'in step with the hub' : words;
}

async function decides(session: Session): Promise<string> {
  const { hub } = await bodyOf((await session.api(PATIENCE_MS)).GET('/api/v1/summary'));
  if (hub.mode !== 'normal') {
    const reason = hub.reason ?? hub.mode;
    const words = reason.startsWith(`${hub.mode}: `) ? reason : `${hub.mode}: ${reason}`;
    throw new CliError('no', words, 'flotilla hub status');
  }
  return 'rollouts are decided and published';
}
