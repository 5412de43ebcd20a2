import { describe, expect, it } from 'vitest';
import { ReportBeats } from './report-beats.js';

/** Beats until a look-up is due. */
function beatsUntilDue(beats: ReportBeats, hash: string): number {
  for (let count = 1; count < 2_000; count += 1) if (beats.hear(hash)) return count;
  return Infinity;
}

describe('ReportBeats', () => {
  it('looks up a hash that stands for two beats, and a confirmed one never again', () => {
    const beats = new ReportBeats();
    expect([beats.hear('a'), beats.hear('b'), beats.hear('b')]).toEqual([false, false, true]);
    expect(beats.settle('b', 'b')).toBe(false);
    expect(beatsUntilDue(beats, 'b')).toBe(Infinity);
    expect(beatsUntilDue(beats, 'c')).toBe(2);
  });

  it('counts the beats of a hash that was heard while an earlier one was looked up', () => {
    const beats = new ReportBeats();
    expect([beats.hear('a'), beats.hear('a'), beats.hear('b')]).toEqual([false, true, false]);
    expect(beats.settle('a', 'a')).toBe(false);
    expect(beats.hear('b')).toBe(true);
  });

  it('asks again ever more rarely when sending again does not help', () => {
    const beats = new ReportBeats();
    const waits = Array.from({ length: 12 }, () => {
      const wait = beatsUntilDue(beats, 'a');
      expect(beats.settle('a', 'other')).toBe(true);
      return wait;
    });
    expect(waits.slice(0, 4)).toEqual([2, 3, 5, 9]);
    expect(waits.at(-1)).toBe(513);
  });
});
