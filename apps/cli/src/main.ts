import { readEnvironment } from './config/environment.js';
import { runCli } from './run-cli.js';

const streams = {
  out: (text: string): void => void process.stdout.write(text),
  err: (text: string): void => void process.stderr.write(text),
};
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // `flotilla get … | head` closes our output: that is no failure.
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
process.exitCode = await runCli(process.argv.slice(2), { environment: readEnvironment(), streams });
