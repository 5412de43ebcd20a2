import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../json.js';
import type { RawSchema } from '../schema/open-api.js';
import type { Definitions } from '../schema/schema-node.js';
import { SchemaNode } from '../schema/schema-node.js';
import { FieldSet, printPath } from './field-set.js';
import type { Managers, Workflow } from './managers.js';
import { decodeManagers, encodeManagers, managerId } from './managers.js';
import { applyConfig, ApplyConflict, trackUpdate } from './structured-merge.js';

const schema: RawSchema = {
  type: 'object',
  properties: {
    size: { type: 'integer' },
    labels: { type: 'object', additionalProperties: { type: 'string' } },
    whole: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
    args: { type: 'array', items: { type: 'string' } },
    tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
    ports: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['port', 'protocol'],
      items: {
        type: 'object',
        properties: {
          port: { type: 'integer' },
          protocol: { type: 'string', default: 'TCP' },
          name: { type: 'string' },
        },
      },
    },
  },
};
const nothing: Definitions = { node: () => new SchemaNode({}, nothing) };
const node = new SchemaNode(schema, nothing);

function applier(manager: string): Workflow {
  return { manager, operation: 'Apply', apiVersion: 'v1', subresource: '' };
}

/** An object under several managers, as one cluster would keep it. */
class Owned {
  live: JsonObject = {};
  managers: Managers = new Map();

  apply(manager: string, config: JsonObject, force = false): this {
    const managers: Managers = new Map(this.managers);
    this.live = applyConfig({ ...this.input(applier(manager)), managers }, config, force);
    this.managers = managers;
    return this;
  }

  update(manager: string, change: JsonObject): this {
    const after = { ...this.live, ...change };
    trackUpdate(this.input({ ...applier(manager), operation: 'Update' }), after);
    this.live = after;
    return this;
  }

  owned(manager: string): string[] {
    return [...(this.managers.get(managerId(applier(manager)))?.set.paths() ?? [])].map(printPath);
  }

  private input(workflow: Workflow): Parameters<typeof trackUpdate>[0] {
    return { live: this.live, managers: this.managers, node, workflow, ignored: new FieldSet() };
  }
}

const word = fc.constantFrom('a', 'b', 'c', 'd');
const anyConfig: fc.Arbitrary<JsonObject> = fc.record(
  {
    size: fc.nat(3),
    labels: fc.dictionary(word, word),
    whole: fc.dictionary(word, word),
    args: fc.array(word, { maxLength: 3 }),
    tags: fc.uniqueArray(word, { maxLength: 3 }),
    ports: fc.uniqueArray(fc.record({ port: fc.nat(2), name: word }), { selector: ({ port }) => port, maxLength: 3 }),
  },
  { requiredKeys: [] },
);

describe('applyConfig', () => {
  it('keeps what is applied, and changes nothing when it is applied again', () => {
    fc.assert(
      fc.property(anyConfig, (config) => {
        const object = new Owned().apply('a', config);
        const once = { live: object.live, managers: encodeManagers(object.managers) };
        expect(object.apply('a', config).live).toEqual(once.live);
        expect(encodeManagers(object.managers)).toEqual(once.managers);
      }),
    );
  });

  it('leaves one owner with exactly what it applied last, whatever it had applied before', () => {
    fc.assert(
      fc.property(anyConfig, anyConfig, (before, after) => {
        const turned = new Owned().apply('a', before).apply('a', after);
        const fresh = new Owned().apply('a', after);
        expect(turned.owned('a')).toEqual(fresh.owned('a'));
        expect(new Owned().apply('b', turned.live).owned('b')).toEqual(expect.arrayContaining(fresh.owned('a')));
      }),
    );
  });

  it('never takes from another without force, and says whose it is', () => {
    fc.assert(
      fc.property(anyConfig, anyConfig, (theirs, ours) => {
        const object = new Owned().apply('them', theirs);
        const before = object.live;
        try {
          object.apply('us', ours);
        } catch (error) {
          expect(error).toBeInstanceOf(ApplyConflict);
          expect((error as ApplyConflict).conflicts.every(({ manager }) => manager.manager === 'them')).toBe(true);
          expect(object.live).toBe(before);
        }
      }),
    );
  });

  it('gives every changed field to the one who forces', () => {
    const object = new Owned().apply('a', { size: 1, tags: ['x'] }).apply('b', { size: 2 }, true);
    expect(object.live).toEqual({ size: 2, tags: ['x'] });
    expect([object.owned('a'), object.owned('b')]).toEqual([['.tags[="x"]'], ['.size']]);
  });

  it('lets two own a field that they agree on, and drops it with the last', () => {
    const object = new Owned().apply('a', { size: 1 }).apply('b', { size: 1 });
    expect(object.apply('a', {}).live).toEqual({ size: 1 });
    expect(object.apply('b', {}).live.size).toBeUndefined();
  });

  it('merges keyed lists by key, with a default for a missing key', () => {
    const object = new Owned().apply('a', { ports: [{ port: 80, name: 'http' }] });
    object.apply('b', {
      ports: [
        { port: 81, name: 'other' },
        { port: 80, protocol: 'UDP' },
      ],
    });
    expect(object.live.ports).toHaveLength(3);
    expect(object.apply('a', { ports: [] }).live.ports).toEqual([
      { port: 81, name: 'other' },
      { port: 80, protocol: 'UDP' },
    ]);
  });

  it('unites sets, and takes lists and atomic maps as one', () => {
    const object = new Owned().apply('a', { tags: ['x'], args: ['1'], whole: { a: '1' } }).apply('b', { tags: ['y'] });
    expect(object.live.tags).toEqual(['x', 'y']);
    expect(() => object.apply('b', { tags: ['y'], args: ['1', '2'] })).toThrow(ApplyConflict);
    expect(() => object.apply('b', { tags: ['y'], whole: { b: '2' } })).toThrow(ApplyConflict);
    expect(object.apply('a', { tags: ['x'], args: ['2'], whole: { b: '2' } }).live).toMatchObject({
      args: ['2'],
      whole: { b: '2' },
    });
  });

  it('conflicts with a later update, and not with one that wrote the same', () => {
    const object = new Owned().apply('a', { size: 1 }).update('kubectl', { size: 2 });
    expect(() => object.apply('a', { size: 1 })).toThrow(ApplyConflict);
    expect(object.apply('a', { size: 2 }).live).toEqual({ size: 2 });
  });
});

describe('managed fields', () => {
  it('say the same after they were written down and read', () => {
    fc.assert(
      fc.property(anyConfig, anyConfig, (a, b) => {
        const object = new Owned().apply('a', a).apply('b', b, true);
        const entries = encodeManagers(object.managers);
        expect(encodeManagers(decodeManagers(entries) ?? new Map<string, never>())).toEqual(entries);
      }),
    );
  });
});
