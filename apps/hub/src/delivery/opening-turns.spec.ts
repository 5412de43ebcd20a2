import { describe, expect, it } from 'vitest';
import { OpeningTurns } from './opening-turns.js';

/** Work that ends when it is told to. */
class Doors {
  readonly opened: number[] = [];
  private readonly ends = new Map<number, () => void>();

  readonly work = (n: number) => (): Promise<number> => {
    this.opened.push(n);
    return new Promise((resolve) => this.ends.set(n, () => resolve(n)));
  };

  end(n: number): void {
    this.ends.get(n)?.();
  }
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('OpeningTurns', () => {
  it('lets sixteen in at once, the others in their order', async () => {
    const [turns, doors] = [new OpeningTurns(), new Doors()];
    const all = Array.from({ length: 40 }, (_, n) => turns.take(doors.work(n)));
    await settle();
    expect(doors.opened).toEqual(Array.from({ length: 16 }, (_, n) => n));
    doors.end(3);
    await settle();
    expect(doors.opened.at(-1)).toBe(16);
    for (let n = 0; n < 40; n++) {
      doors.end(n);
      await settle();
    }
    expect(await Promise.all(all)).toEqual(Array.from({ length: 40 }, (_, n) => n));
  });

  it('does nothing for who waited too long, and serves who came later', async () => {
    let now = 0;
    const [turns, doors] = [new OpeningTurns(() => now), new Doors()];
    const first = Array.from({ length: 16 }, (_, n) => turns.take(doors.work(n)));
    const late = turns.take(doors.work(16));
    now = 15_000;
    const inTime = turns.take(doors.work(17));
    await settle();
    now = 20_001;
    doors.end(0);
    expect(await first[0]).toBe(0);
    expect(await late).toBeUndefined();
    await settle();
    expect(doors.opened).not.toContain(16);
    expect(doors.opened.at(-1)).toBe(17);
    doors.end(17);
    expect(await inTime).toBe(17);
  });

  it('passes the turn on after a failure', async () => {
    const turns = new OpeningTurns();
    const failing = Array.from({ length: 20 }, () => turns.take(() => Promise.reject(new Error('no database'))));
    const outcomes = await Promise.allSettled(failing);
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true);
    expect(await turns.take(() => Promise.resolve('open'))).toBe('open');
  });
});
