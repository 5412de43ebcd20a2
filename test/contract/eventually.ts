import { eventually as untilNotThrowing } from '@flotilla/testing';

/** Waits until the look succeeds (does not throw, and is not undefined or false). @throws the last failure when it never does. */
export async function eventually<T>(look: () => Promise<T | undefined | false>, withinMs?: number): Promise<T> {
  return untilNotThrowing(async () => {
    const value = await look();
    if (value === undefined || value === false) throw new Error('never became true');
    return value;
  }, withinMs);
}
