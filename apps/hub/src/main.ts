import { createHash } from 'node:crypto';
import { provideSha256 } from '@flotilla/domain';
import { readHubConfig } from './config/index.js';
import { startHub } from './start-hub.js';

provideSha256((content) => createHash('sha256').update(content).digest('hex'));

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
