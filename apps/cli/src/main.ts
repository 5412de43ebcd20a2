import { readEnvironment } from './config/environment.js';
import { EXIT } from './exit.js';
import { runCli } from './run-cli.js';

const streams = {
  out: (text: string): void => void process.stdout.write(text),
  err: (text: string): void => void process.stderr.write(text),
};
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `flotilla get … | head` closes our output: that is no failure.
  if (error.code === 'EPIPE') process.exit(EXIT.yes);
  throw error;
});
process.on('uncaughtException', (error) => {
  process.stderr.write(`error: ${error.message.split('\n')[0] ?? ''}\n`);
  process.exit(EXIT.usage);
});
process.on('SIGINT', () => process.exit(EXIT.interrupted));
process.on('SIGTERM', () => process.exit(EXIT.interrupted));
process.exitCode = await runCli(process.argv.slice(2), { environment: readEnvironment(), streams });
