import { expect, it } from 'vitest';
import { StoredSequence } from './stored-sequence.js';

interface Storing {
  readonly promise: Promise<void>;
  readonly done: () => void;
  readonly fail: (error: Error) => void;
}

function storing(): Storing {
  let [done, fail]: [() => void, (error: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<void>((resolve, reject) => ([done, fail] = [resolve, reject]));
  return { promise, done, fail };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('tells up to which report all are stored, in whatever order they get there', async () => {
  const told: bigint[] = [];
  const stored = new StoredSequence(10, (sequence) => told.push(sequence));
  const [one, two, three] = [storing(), storing(), storing()];
  await stored.add(1n, one.promise);
  await stored.add(2n, two.promise);
  await stored.add(3n, three.promise);
  two.done();
  await turn();
  expect(told).toEqual([]);
  one.done();
  await turn();
  three.done();
  await turn();
  expect(told).toEqual([2n, 3n]);
});

it('holds the reader back while too many are under way, and passes a failure on', async () => {
  const stored = new StoredSequence(2, () => undefined);
  const [one, two] = [storing(), storing()];
  await stored.add(1n, one.promise);
  let read = false;
  const second = stored.add(2n, two.promise).then(() => (read = true));
  await turn();
  expect(read).toBe(false);
  one.done();
  await second;
  two.fail(new Error('database away'));
  await turn();
  await expect(stored.add(3n, Promise.resolve())).rejects.toThrow('database away');
});
