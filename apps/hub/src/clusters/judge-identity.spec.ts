import { describe, expect, it } from 'vitest';
import type { KnownIdentity } from './judge-identity.js';
import { judgeIdentity } from './judge-identity.js';

const known: KnownIdentity = { state: 'joined', kubeUid: 'uid-1', certificate: 'present' };

describe('judgeIdentity', () => {
  it.each<[string, KnownIdentity | undefined, string, object]>([
    ['the present certificate of a joined cluster', known, 'uid-1', { admit: true, promote: false }],
    ['a next certificate at its first use', { ...known, certificate: 'next' }, 'uid-1', { admit: true, promote: true }],
    ['a cluster that joins', { ...known, state: 'joining', certificate: 'next' }, 'uid-1', { promote: true }],
    ['a cluster that is being removed: it must prune', { ...known, state: 'removing' }, 'uid-1', { admit: true }],
    ['nobody', undefined, 'uid-1', { refusal: 'revoked' }],
    ['a removed cluster', { ...known, state: 'removed' }, 'uid-1', { refusal: 'revoked' }],
    ['a serial of another cluster', { ...known, certificate: null }, 'uid-1', { refusal: 'revoked' }],
    ['a revoked serial', { ...known, certificate: 'revoked' }, 'uid-1', { refusal: 'revoked' }],
    ['a clone', known, 'uid-2', { refusal: 'cloned', become: 'quarantined' }],
    ['a clone with a superseded serial', { ...known, certificate: 'superseded' }, 'uid-2', { refusal: 'cloned' }],
    ['the original after a clone was seen', { ...known, state: 'quarantined' }, 'uid-1', { refusal: 'cloned' }],
    ['a restored backup', { ...known, certificate: 'superseded' }, 'uid-1', { refusal: 'rejoin', become: 'rejoin' }],
    ['a cluster that must join again', { ...known, state: 'rejoin' }, 'uid-1', { refusal: 'rejoin' }],
    ['a cluster that has joined again', { ...known, state: 'rejoin', certificate: 'next' }, 'uid-1', { promote: true }],
  ])('%s', (_, identity, uid, verdict) => {
    expect(judgeIdentity(identity, uid)).toMatchObject(verdict);
  });

  it('never admits and changes the state at once, nor refuses a known UID as a clone', () => {
    for (const state of ['joining', 'joined', 'rejoin', 'removing', 'removed'] as const) {
      for (const certificate of ['next', 'present', 'superseded', 'revoked', null] as const) {
        const verdict = judgeIdentity({ state, certificate, kubeUid: 'uid-1' }, 'uid-1');
        expect(!verdict.admit && verdict.refusal === 'cloned').toBe(false);
      }
    }
  });
});
