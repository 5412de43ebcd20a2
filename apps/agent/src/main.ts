import './memory-limits.js';
import { createHash } from 'node:crypto';
import { provideSha256 } from '@flotilla/domain';
import { createLogger } from '@flotilla/telemetry';
import type { AgentConfig } from './config/index.js';
import { printHelp, readProcessConfig } from './config/index.js';
import { startAgent } from './start-agent.js';
import { AGENT_VERSION } from './version.js';

provideSha256((content) => createHash('sha256').update(content).digest('hex'));

const USAGE = 2;

/** Ends the process with what went wrong, in one line for logs. */
function fail(message: string, code: number): never {
  process.stderr.write(`flotilla-agent: ${message}\n`);
  process.exit(code);
}

function configuration(flags: readonly string[]): AgentConfig {
  try {
    return readProcessConfig(flags);
  } catch (error) {
    return fail((error as Error).message, USAGE);
  }
}

async function run(config: AgentConfig): Promise<void> {
  const logger = createLogger({ name: 'agent', level: config.logLevel });
  const stopping = new AbortController();
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  void stopped.then(() => stopping.abort());
  logger.info({ version: AGENT_VERSION, namespace: config.namespace }, 'starting');
  const starting = startAgent(config, { logger, signal: stopping.signal, lost: (why) => fail(why, 1) });
  await Promise.race([starting, stopped]);
  await stopped;
  logger.info('stopping');
  await (await Promise.race([starting, Promise.resolve(undefined)]))?.[Symbol.asyncDispose]();
}

const flags = process.argv.slice(2);
if (flags.includes('--help')) process.stdout.write(printHelp());
else if (flags.includes('--version')) process.stdout.write(`${AGENT_VERSION}\n`);
else {
  run(configuration(flags)).then(
    () => process.exit(0),
    (error: unknown) => fail((error as Error).message, 1),
  );
}
