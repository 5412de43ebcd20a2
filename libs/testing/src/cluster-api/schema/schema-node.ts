import type { Json } from '../json.js';
import { isObject } from '../json.js';
import type { MapType, RawSchema } from './open-api.js';

export type Shape = 'list' | 'map' | 'scalar';

/** How the items of a list are told apart: not at all (atomic), by their value, or by some of their fields. */
export type ListRelation =
  | { readonly type: 'atomic' | 'set'; readonly keys: readonly [] }
  | { readonly type: 'map'; readonly keys: readonly string[] };

export interface Field {
  readonly node: SchemaNode;
  readonly required: boolean;
  readonly default: Json | undefined;
  /** Strategic merge patch: `replace` (also when unsaid), `merge`, `retainKeys`. */
  readonly patchStrategy: readonly string[];
  readonly patchMergeKey: string | undefined;
}

/** Where `$ref` points. */
export interface Definitions {
  node(name: string): SchemaNode;
}

const ATOMIC: ListRelation = { type: 'atomic', keys: [] };

/**
 * A place in a schema, as structured merge sees it. Follows the reading of kube-openapi's schemaconv: no type means any
 * type, an object without properties is free-form, lists are atomic unless they say otherwise.
 */
export class SchemaNode {
  private cachedFields: ReadonlyMap<string, Field> | undefined;
  private cachedItems: SchemaNode | undefined;
  private cachedRest: SchemaNode | null | undefined;
  private readonly preserve: boolean;
  private readonly mapType: MapType | undefined;

  constructor(
    readonly raw: RawSchema,
    private readonly definitions: Definitions,
    private readonly options: { name?: string; preserve?: boolean; mapType?: MapType } = {},
  ) {
    this.preserve = options.preserve === true || raw['x-kubernetes-preserve-unknown-fields'] === true;
    this.mapType = options.mapType ?? raw['x-kubernetes-map-type'];
  }

  /** Name of the definition, e.g. `io.k8s.api.core.v1.PodSpec`; empty for inline schemas. */
  get name(): string {
    return this.options.name ?? '';
  }

  get isAny(): boolean {
    return this.raw.type === undefined;
  }

  get atomicMap(): boolean {
    return this.mapType === 'atomic';
  }

  /** Whether a key is dropped on decoding: undeclared, and this very object does not keep such keys. */
  prunes(key: string): boolean {
    if (this.fields.has(key) || this.rest === null) return !this.fields.has(key);
    return this.inheritsPreserve && this.raw.additionalProperties === undefined;
  }

  /** Structured merge lets descendants of a preserving object keep anything; pruning stops at declared properties. */
  private get inheritsPreserve(): boolean {
    return this.fields.size > 0 && this.raw['x-kubernetes-preserve-unknown-fields'] !== true;
  }

  /** What this node is for that value: declared, or deduced where the schema takes anything. */
  shape(value: Json | undefined): Shape {
    if (this.raw.type === 'object') return 'map';
    if (this.raw.type === 'array') return 'list';
    if (!this.isAny) return 'scalar';
    if (Array.isArray(value)) return 'list';
    return isObject(value) ? 'map' : 'scalar';
  }

  get relation(): ListRelation {
    const type = this.raw['x-kubernetes-list-type'];
    if (type === 'map') return { type, keys: this.raw['x-kubernetes-list-map-keys'] ?? [] };
    if (type === 'set') return { type, keys: [] };
    if (type === undefined && this.patchStrategy.includes('merge')) return this.relationOfPatch();
    return ATOMIC;
  }

  private get patchStrategy(): string[] {
    return (this.raw['x-kubernetes-patch-strategy'] ?? '').split(',');
  }

  private relationOfPatch(): ListRelation {
    const key = this.raw['x-kubernetes-patch-merge-key'];
    return key === undefined ? { type: 'set', keys: [] } : { type: 'map', keys: [key] };
  }

  get items(): SchemaNode {
    this.cachedItems ??= this.resolve(this.raw.items ?? {});
    return this.cachedItems;
  }

  /** Declared properties only. */
  get fields(): ReadonlyMap<string, Field> {
    this.cachedFields ??= this.readFields();
    return this.cachedFields;
  }

  /** Node of undeclared keys; null when such keys are not allowed. */
  get rest(): SchemaNode | null {
    if (this.cachedRest === undefined) this.cachedRest = this.readRest();
    return this.cachedRest;
  }

  /** Node of a key: declared, else the one of undeclared keys. */
  child(key: string): SchemaNode | null {
    return this.fields.get(key)?.node ?? this.rest;
  }

  private readFields(): ReadonlyMap<string, Field> {
    const required = new Set(this.raw.required);
    const entries = Object.entries(this.raw.properties ?? {});
    return new Map(entries.map(([key, raw]) => [key, this.readField(raw, required.has(key))]));
  }

  private readField(raw: RawSchema, required: boolean): Field {
    return {
      node: this.resolve(raw),
      required,
      default: raw.default,
      patchStrategy: (raw['x-kubernetes-patch-strategy'] ?? 'replace').split(','),
      patchMergeKey: raw['x-kubernetes-patch-merge-key'],
    };
  }

  private readRest(): SchemaNode | null {
    const rest = this.raw.additionalProperties;
    if (typeof rest === 'object') return this.resolve(rest);
    if (rest === false) return null;
    const free = rest === true || this.preserve || this.fields.size === 0;
    return free ? new SchemaNode({}, this.definitions, { preserve: true }) : null;
  }

  private resolve(raw: RawSchema): SchemaNode {
    const ref = raw.$ref ?? (raw.allOf?.length === 1 ? raw.allOf[0]?.$ref : undefined);
    if (ref === undefined) return new SchemaNode(raw, this.definitions, this.preserve ? { preserve: true } : {});
    const target = this.definitions.node(ref.slice(ref.lastIndexOf('/') + 1));
    const mapType = raw['x-kubernetes-map-type'];
    return mapType === undefined ? target : target.withMapType(mapType);
  }

  private withMapType(mapType: MapType): SchemaNode {
    return new SchemaNode(this.raw, this.definitions, { ...this.options, mapType });
  }
}
