import { readHubConfig } from './config/index.js';
import { startHub } from './start-hub.js';

try {
  const hub = await startHub(readHubConfig(process.env));
  const stop = (): void => {
    void hub[Symbol.asyncDispose]().then(() => process.exit(0));
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
