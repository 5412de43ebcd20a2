import { describe, expect, it } from 'vitest';
import type { JsonObject, KubeObject } from '../json/index.js';
import { extraFieldsOf, hashBaseline } from './baseline.js';
import { applyIgnored, ignoredPathsOf, isScaledByController } from './ignore-paths.js';
import { appliedFields, holdsPath, projectFields, subtractFields } from './managed-fields.js';
import { parseConflictManager, splitConflicts } from './split-conflicts.js';
import { transferOwnership } from './transfer-ownership.js';

interface Entry {
  readonly manager: string;
  readonly fields: JsonObject;
  readonly operation?: string;
  readonly subresource?: string;
}

function live(entries: readonly Entry[], parts: JsonObject = {}): KubeObject {
  const managedFields = entries.map(({ manager, fields, operation = 'Apply', subresource = '' }) => ({
    ...{ manager, operation, subresource, apiVersion: 'v1', time: '2026-01-01T00:00:00Z' },
    fieldsV1: fields,
  }));
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', resourceVersion: '7', managedFields },
    ...parts,
  };
}

const REPLICAS = { 'f:spec': { 'f:replicas': {} } };
const spec = (members: JsonObject): JsonObject => ({ spec: members });

describe('managed fields', () => {
  it('ours are those applied to the object itself, not to a subresource or by an update', () => {
    const object = live([
      { manager: 'flotilla', fields: { 'f:status': {} }, subresource: 'status' },
      { manager: 'flotilla', fields: { 'f:data': {} }, operation: 'Update' },
      { manager: 'flotilla', fields: REPLICAS },
    ]);
    expect(appliedFields(object, 'flotilla')).toEqual(REPLICAS);
    expect(appliedFields(object, 'helm')).toBeUndefined();
  });

  it('finds a port by its key although its protocol is filled in', () => {
    const fields = { 'k:{"port":80,"protocol":"TCP"}': { 'f:port': {} } };
    expect(projectFields([{ port: 80 }], fields)).toEqual({ 'k:{"port":80,"protocol":"TCP"}': { 'f:port': 80 } });
    expect(projectFields([{ port: 81 }], fields)).toEqual({});
  });

  it('that hold a node alone hold nothing in it; without children a leaf is held', () => {
    expect(holdsPath({ 'f:data': { '.': {} } }, { data: { a: '1' } }, ['data', 'a'])).toBe(false);
    expect(holdsPath({ 'f:data': {} }, { data: { a: '1' } }, ['data', 'a'])).toBe(true);
  });

  it('differ by more than the node itself, which updates note and applies do not', () => {
    expect(subtractFields({ 'f:data': { '.': {}, 'f:a': {} } }, { 'f:data': { 'f:a': {} } })).toEqual({});
    expect(subtractFields({ 'f:data': { 'f:b': {} } }, { 'f:data': { 'f:a': {} } })).toEqual({
      'f:data': { 'f:b': {} },
    });
  });
});

describe('conflicts', () => {
  const held = { 'f:spec': { 'f:ports': { 'k:{"port":80}': { 'f:port': {} } }, 'f:replicas': {}, 'f:template': {} } };
  it.each([
    ['.spec.replicas', true],
    ['.spec.template.metadata', true],
    ['.spec.template[name="a"]', true],
    ['.spec.ports', true],
    ['.spec.ports[port=80].port', true],
    ['.spec.ports[port=80]', true],
    ['.spec.replicasMore', false],
    ['.spec.paused', false],
  ])('%s: drift is what we held', (field, isDrift) => {
    const { drifts, claims } = splitConflicts([{ manager: 'x', field }], held);
    expect([drifts.length, claims.length]).toEqual(isDrift ? [1, 0] : [0, 1]);
  });

  it('name the manager, escaped or not', () => {
    expect(parseConflictManager('conflict with "kubectl-scale" with subresource "scale" using apps/v1')).toBe(
      'kubectl-scale',
    );
    expect(parseConflictManager('nothing')).toBe('');
  });
});

describe('hashBaseline', () => {
  const ours = { manager: 'flotilla', fields: REPLICAS };
  const byHand = { manager: 'kubectl-edit', fields: { 'f:spec': { 'f:paused': {} } }, operation: 'Update' };

  it('changes with what we hold, and with nothing else', () => {
    const hash = (members: JsonObject): string => hashBaseline(live([ours], spec(members)), 'flotilla', 'remove');
    expect(hash({ replicas: 2, paused: true })).toBe(hash({ replicas: 2 }));
    expect(hash({ replicas: 3 })).not.toBe(hash({ replicas: 2 }));
  });

  it('counts what people added with kubectl only where it is to be removed', () => {
    const bare = live([ours], spec({ replicas: 2 }));
    const added = live([ours, byHand], spec({ replicas: 2, paused: true }));
    expect(hashBaseline(added, 'flotilla', 'remove')).not.toBe(hashBaseline(bare, 'flotilla', 'remove'));
    expect(hashBaseline(added, 'flotilla', 'keep')).toBe(hashBaseline(bare, 'flotilla', 'keep'));
  });

  it('knows people by kubectl alone, and leaves status to controllers', () => {
    const controller = { ...byHand, manager: 'kube-controller-manager' };
    const status = { ...byHand, subresource: 'status', fields: { 'f:spec': {} } };
    expect(extraFieldsOf(live([ours, controller, status]), REPLICAS)).toEqual({});
    expect(extraFieldsOf(live([ours, byHand]), REPLICAS)).toEqual(byHand.fields);
  });
});

describe('ignored paths', () => {
  const wanted: KubeObject = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: { replicas: 1 },
  };
  const apply = (object: KubeObject, pointers: readonly string[]): unknown =>
    applyIgnored(wanted, object, { pointers, managers: [], ours: 'flotilla' })['spec'];

  it('are left out when another holds them, sent as they are when nobody else does', () => {
    const mine = { manager: 'flotilla', fields: REPLICAS };
    const theirs = { manager: 'kube-controller-manager', fields: REPLICAS, operation: 'Update', subresource: 'scale' };
    expect(apply(live([mine], spec({ replicas: 5 })), ['/spec/replicas'])).toEqual({ replicas: 5 });
    expect(apply(live([mine, theirs], spec({ replicas: 5 })), ['/spec/replicas'])).toEqual({});
  });

  it('that are not wanted are not sent', () => {
    expect(apply(live([], spec({ replicas: 5, paused: true })), ['/spec/paused'])).toEqual({ replicas: 1 });
  });

  it('are those of rules that fit in every member', () => {
    const rule = { kind: 'Deployment', namespace: 'shop', jsonPointers: ['/a'], fieldManagers: [] };
    const ref = (namespace: string) => ({ group: 'apps', kind: 'Deployment', namespace, name: 'web' });
    expect(ignoredPathsOf(ref('shop'), [rule]).pointers).toEqual(['/a']);
    expect(ignoredPathsOf(ref('other'), [rule]).pointers).toEqual([]);
  });

  it('the autoscaler leaves its mark at the scale subresource', () => {
    const entry = { manager: 'kube-controller-manager', fields: REPLICAS, operation: 'Update' };
    expect(isScaledByController(live([{ ...entry, subresource: 'scale' }]))).toBe(true);
    expect(isScaledByController(live([{ ...entry, subresource: 'status' }]))).toBe(false);
  });
});

describe('transferOwnership', () => {
  it('moves to ours what others hold, joined to what is ours already, guarded by the version', () => {
    const object = live([
      { manager: 'flotilla', fields: { 'f:data': { 'f:a': {} } } },
      { manager: 'helm', fields: { 'f:data': { 'f:b': {} } }, operation: 'Update' },
      { manager: 'other', fields: { 'f:data': { 'f:c': {} } } },
    ]);
    const [test, replace] = transferOwnership(object, ['helm'], 'flotilla') as [JsonObject, { value: JsonObject[] }];
    expect(test).toEqual({ op: 'test', path: '/metadata/resourceVersion', value: '7' });
    expect(replace.value.map(({ manager, fieldsV1 }) => [manager, fieldsV1])).toEqual([
      ['flotilla', { 'f:data': { 'f:a': {}, 'f:b': {} } }],
      ['other', { 'f:data': { 'f:c': {} } }],
    ]);
    expect(transferOwnership(object, ['nobody'], 'flotilla')).toBeUndefined();
  });
});
