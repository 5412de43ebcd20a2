import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { startClusterApi } from '../start-cluster-api.js';

it('closes at once, also while somebody has connected and not yet shaken hands', async () => {
  const api = await startClusterApi();
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  await once(socket, 'connect');
  const end = once(socket, 'close');
  await api.close();
  await end;
  expect(socket.destroyed).toBe(true);
});
