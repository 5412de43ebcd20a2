import { describe, expect, it } from 'vitest';
import type { Schemas } from '../api/client.js';
import { printRollout } from './print-rollout.js';

const NOW = Date.parse('2026-11-25T12:00:00Z');
const plain = (_: string, text: string): string => text;
const before = (seconds: number): string => new Date(NOW - seconds * 1_000).toISOString();

function wave(name: string, phase: string, more: object = {}): object {
  return { name, phase, targets: 1, counts: {}, soakMs: 0, soakedMs: 0, startedAt: null, ...more };
}

function lines(waves: readonly object[], blockedBy: readonly object[], more: object = {}): string[] {
  const release = { number: 4, commit: '8d41e07aaaa', subject: 'web 1.5.0', author: 'ana' };
  const head = { app: 'web', state: 'running', changedAt: before(4), wave: 'early', replacedBy: null, targets: 2 };
  const rollout = { ...head, release, healthy: 1, failed: 0, allowed: [], waves, blockedBy, ...more };
  return printRollout(rollout as unknown as Schemas['RolloutDto'], plain, NOW).split('\n');
}

describe('what blocks a rollout', () => {
  const two = [
    wave('canary', 'done', { startedAt: before(68), soakMs: 60_000, soakedMs: 61_000 }),
    wave('early', 'waiting'),
  ];

  it('as a whole stands beside the waves that are not done', () => {
    expect(lines(two, [{ kind: 'newLeader', who: 'hub' }])).toEqual([
      'web #4  8d41e07 "web 1.5.0" by ana   running 4s ago at early   2 targets: 1 healthy on #4, 0 failed',
      'WAVE     STATE     TARGETS   HEALTHY   FAILED   WAITING   SINCE   SOAK       BLOCKED BY',
      'canary   done      1         0         0        1         1m08s   1m01s/1m   -',
      'early    waiting   1         0         0        1         -       -          newLeader (hub)',
    ]);
  });

  it('is beside a done wave when it is of that wave', () => {
    const silent = { kind: 'silent', who: 'eu-2', cluster: 'eu-2', wave: 'canary' };
    expect(lines(two, [silent]).slice(2)).toEqual([
      expect.stringMatching(/^canary .* silent \(eu-2\)$/),
      expect.stringMatching(/^early .* -$/),
    ]);
  });

  it('is told of targets that leave, once, and never beside a wave', () => {
    const asked = ['ap-1', 'ap-2'].map((cluster) => ({ kind: 'removalApproval', who: 'operator', cluster }));
    expect(lines(two.slice(1), asked)[2]).toMatch(/ -$/);
    expect(lines(two.slice(1), asked)[3]).toBe(
      'ap-1, ap-2  leaves, blocked by removalApproval   → flotilla removal list web',
    );
    expect(lines([], asked)).toHaveLength(2);
  });
});
