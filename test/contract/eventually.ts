import { setTimeout as delay } from 'node:timers/promises';

/** Waits until the look succeeds (does not throw, and is not undefined or false). @throws the last failure when it never does. */
export async function eventually<T>(look: () => Promise<T | undefined | false>, withinMs = 20_000): Promise<T> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const failure = await look().then(
      (value) => (value === undefined || value === false ? new Error('never became true') : { value }),
      (error: unknown) => error,
    );
    if (isFound<T>(failure)) return failure.value;
    if (Date.now() > deadline) throw failure;
    await delay(25);
  }
}

function isFound<T>(outcome: unknown): outcome is { value: T } {
  return typeof outcome === 'object' && outcome !== null && 'value' in outcome;
}
