import type {
  AppEntry,
  AppReport,
  DriftEntry,
  ManifestEntry,
  ObjectProblem,
  ObservedPlan,
  PlannedAction,
} from '@flotilla/domain';
import {
  EMPTY_STATE_HASH,
  hashDesiredState,
  manifestDigest,
  objectId,
  reportDigest,
  sha256Hex,
} from '@flotilla/domain';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { wire } from './index.js';
import {
  fromWireContent,
  fromWireManifest,
  fromWirePolicy,
  toEarlierContent,
  toEarlierManifest,
  toWireContent,
  toWireManifest,
  toWirePolicy,
} from './map-content.js';
import { fromWirePublication, toWirePublication } from './map-desired-state.js';
import { fromWireReport, toWireReport } from './map-report.js';

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'));
const version = fc.record({ generation: fc.nat(), number: fc.maxSafeNat() });
const ref = fc.record({ group: fc.string(), kind: fc.string(), namespace: fc.string(), name: fc.string() });
const text = fc.string({ unit: 'grapheme' });

const entry: fc.Arbitrary<AppEntry> = fc.record({
  app: fc.string({ minLength: 1 }),
  bundle: digest,
  policy: digest,
  life: fc.constantFrom('active', 'prune', 'orphan'),
  mode: fc.constantFrom('manage', 'observe'),
  pendingBundle: fc.option(digest, { nil: undefined }),
  approvedDeletions: fc.array(digest),
  suspendedUntil: fc.maxSafeNat(),
  retry: fc.nat(),
  since: version,
});

const problem: fc.Arbitrary<ObjectProblem> = fc.record({ ref, code: text, message: text, summary: text });
const drift: fc.Arbitrary<DriftEntry> = fc.record({
  ref,
  kind: fc.constantFrom('edited', 'deleted'),
  field: text,
  wanted: text,
  live: text,
  manager: text,
  at: fc.maxSafeNat(),
  healed: fc.boolean(),
  seenAt: fc.maxSafeNat(),
  healedAt: fc.maxSafeNat(),
  left: fc.constantFrom('', 'reported', 'contested', 'suspended'),
});
const count = fc.nat();
const plan: fc.Arbitrary<ObservedPlan> = fc.record({
  counts: fc.record({
    create: count,
    change: count,
    adopt: count,
    delete: count,
    conflict: count,
    wait: count,
    leave: count,
  }),
  objects: fc.array(
    fc.record({
      ref,
      action: fc.constantFrom<PlannedAction>('create', 'change', 'adopt', 'delete', 'conflict', 'wait'),
      managers: fc.array(text, { maxLength: 2 }),
      because: text,
    }),
    { maxLength: 3 },
  ),
});
const unplanned: fc.Arbitrary<AppReport> = fc.record({
  app: text,
  evaluated: version,
  appliedBundle: fc.option(digest, { nil: undefined }),
  appliedPolicy: fc.option(digest, { nil: undefined }),
  attemptedBundle: fc.option(digest, { nil: undefined }),
  attemptedPolicy: fc.option(digest, { nil: undefined }),
  phase: fc.constantFrom('applying', 'partial', 'applied', 'blocked', 'suspended', 'removing', 'observed'),
  health: fc.constantFrom('healthy', 'progressing', 'failed', 'unknown'),
  healthyForMs: fc.maxSafeNat(),
  lossCount: fc.nat(),
  objects: fc.nat(),
  objectsReady: fc.nat(),
  problems: fc.array(problem, { maxLength: 3 }),
  drifted: fc.nat(),
  drifts: fc.array(drift, { maxLength: 3 }),
  deletionSet: fc.option(digest, { nil: undefined }),
  deletions: fc.array(ref, { maxLength: 3 }),
  failedFast: fc.boolean(),
  writes: fc.maxSafeNat(),
});
const report: fc.Arbitrary<AppReport> = fc
  .tuple(unplanned, fc.option(plan, { nil: undefined }))
  .map(([said, planned]) => (planned === undefined ? said : { ...said, plan: planned }));

const overWire = <T>(type: { encode(value: T): { finish(): Uint8Array }; decode(bytes: Uint8Array): T }, value: T): T =>
  type.decode(type.encode(value).finish());

describe('what travels', () => {
  it('is the same desired state on both sides', () => {
    const apps = fc.uniqueArray(entry, { selector: (one) => one.app, maxLength: 5 });
    fc.assert(
      fc.property(apps, version, (set, at) => {
        const sent = {
          version: at,
          epoch: 3,
          hash: hashDesiredState(set),
          baseHash: EMPTY_STATE_HASH,
          delta: { set, forget: [] },
        };
        const received = fromWirePublication(overWire(wire.DesiredState, toWirePublication(sent)));
        expect(received).toEqual(sent);
        expect(hashDesiredState(received.delta.set)).toBe(sent.hash);
      }),
    );
  });

  it('is the same report, with the same digest', () => {
    fc.assert(
      fc.property(report, (sent) => {
        const received = fromWireReport(overWire(wire.Report, toWireReport(sent, 7)));
        expect(received).toEqual({ sequence: 7, report: sent, digest: reportDigest(sent) });
      }),
    );
  });

  it('is the same content, in the form of this minor and in that of earlier ones', () => {
    fc.assert(
      fc.property(
        fc.oneof(text, fc.constant('{"a":"aaaa"}'.repeat(100))),
        fc.constantFrom('', 'beef'),
        (body, salt) => {
          const sent = { id: objectId(body, salt), salt, text: body };
          const lean = toWireContent(sent);
          const earlier = toEarlierContent(lean, sent.id);
          expect(lean.objectId).toHaveLength(0);
          expect(earlier.compression).toBeLessThan(wire.Compression.COMPRESSION_DEFLATE_OBJECT);
          for (const one of [lean, earlier]) expect(fromWireContent(overWire(wire.Content, one))).toEqual(sent);
        },
      ),
    );
    const repeated = 'x'.repeat(10_000);
    expect(toWireContent({ id: objectId(repeated, ''), salt: '', text: repeated }).body.length).toBeLessThan(100);
  });
});

describe('what is refused', () => {
  const one = fc.sample(entry, 1)[0] as AppEntry;
  const sound = (): wire.DesiredState =>
    toWirePublication({
      version: { generation: 1, number: 1 },
      epoch: 1,
      hash: hashDesiredState([one]),
      baseHash: EMPTY_STATE_HASH,
      delta: { set: [one], forget: [] },
    });

  it('a state without a hash, an app twice, a life of a later version, a short digest', () => {
    const [state] = sound().set as [wire.AppState];
    expect(() => fromWirePublication({ ...sound(), hash: Buffer.alloc(0) })).toThrow(/no SHA-256/);
    expect(() => fromWirePublication({ ...sound(), set: [state, state] })).toThrow(/twice/);
    expect(() => fromWirePublication({ ...sound(), forget: [one.app] })).toThrow(/twice/);
    expect(() => fromWirePublication({ ...sound(), set: [{ ...state, life: 9 as wire.AppLife }] })).toThrow(
      /app life 9/,
    );
    expect(() => fromWirePublication({ ...sound(), set: [{ ...state, bundle: Buffer.alloc(31) }] })).toThrow(
      /31 bytes/,
    );
  });

  it('content, manifests and policies that are not what their digest says', () => {
    const id = objectId('{"a":1}', '');
    const content = toEarlierContent(toWireContent({ id, salt: '', text: '{"a":1}' }), id);
    expect(() => fromWireContent({ ...content, body: Buffer.from('{"a":2}') })).toThrow(/does not match its id/);
    expect(() => fromWireContent({ ...content, compression: wire.Compression.COMPRESSION_DEFLATE_RAW })).toThrow(
      /inflated/,
    );
    expect(() => fromWireContent({ ...content, compression: 9 as wire.Compression })).toThrow(/compression 9/);

    const entries: ManifestEntry[] = [
      {
        objectId: content.objectId.toString('hex'),
        apiVersion: 'v1',
        ref: { group: '', kind: 'ConfigMap', namespace: 'a', name: 'b' },
      },
    ];
    const manifest = toEarlierManifest(toWireManifest(entries), manifestDigest(entries));
    expect(fromWireManifest(manifest).entries).toEqual(entries);
    expect(fromWireManifest(toWireManifest(entries))).toEqual({ digest: manifestDigest(entries), entries });
    expect(() => fromWireManifest({ ...manifest, entries: [] })).toThrow(/manifest does not match/);

    const policy = toWirePolicy({ digest: sha256Hex('{}'), text: '{}' });
    expect(fromWirePolicy(policy).text).toBe('{}');
    expect(() => fromWirePolicy({ ...policy, body: Buffer.from('{} ') })).toThrow(/policy does not match/);
  });
});
