import type { JsonObject } from '../json.js';
import { isObject } from '../json.js';

/**
 * A set of field paths, as a tree. The steps are FieldsV1 keys: `f:name`, `k:{"key":"value"}`, `v:"value"`, `i:0`.
 * A node is a member (`self`), an inner step, or both.
 */
export class FieldSet {
  self = false;
  readonly children = new Map<string, FieldSet>();

  static parse(fieldsV1: JsonObject | undefined): FieldSet {
    const set = new FieldSet();
    for (const [key, value] of Object.entries(fieldsV1 ?? {})) {
      if (key === '.') set.self = true;
      else set.children.set(key, FieldSet.parseStep(value));
    }
    return set;
  }

  private static parseStep(value: unknown): FieldSet {
    const child = FieldSet.parse(isObject(value) ? value : {});
    if (child.children.size === 0) child.self = true;
    return child;
  }

  toFieldsV1(): JsonObject {
    const json: JsonObject = {};
    if (this.self && this.children.size > 0) json['.'] = {};
    for (const key of [...this.children.keys()].sort()) json[key] = this.children.get(key)?.toFieldsV1();
    return json;
  }

  get isEmpty(): boolean {
    return !this.self && this.children.size === 0;
  }

  /** The node of a step, made when missing. Only for building: a node left without members breaks `isEmpty`. */
  step(key: string): FieldSet {
    let child = this.children.get(key);
    if (!child) this.children.set(key, (child = new FieldSet()));
    return child;
  }

  insert(path: readonly string[]): this {
    path.reduce<FieldSet>((here, key) => here.step(key), this).self = true;
    return this;
  }

  has(path: readonly string[]): boolean {
    return path.reduce<FieldSet | undefined>((here, key) => here?.children.get(key), this)?.self === true;
  }

  union(other: FieldSet): FieldSet {
    const result = this.combine(this.self || other.self);
    for (const [key, child] of this.children) result.children.set(key, child.union(other.children.get(key) ?? EMPTY));
    for (const [key, child] of other.children) if (!this.children.has(key)) result.children.set(key, child);
    return result;
  }

  intersection(other: FieldSet): FieldSet {
    const result = this.combine(this.self && other.self);
    for (const [key, child] of this.children) {
      const theirs = other.children.get(key);
      if (theirs) result.keep(key, child.intersection(theirs));
    }
    return result;
  }

  difference(other: FieldSet): FieldSet {
    const result = this.combine(this.self && !other.self);
    for (const [key, child] of this.children) {
      const theirs = other.children.get(key);
      result.keep(key, theirs ? child.difference(theirs) : child);
    }
    return result;
  }

  /** Without the members of the other set and all that lies below them. */
  without(other: FieldSet): FieldSet {
    const result = this.combine(this.self);
    for (const [key, child] of this.children) {
      const theirs = other.children.get(key);
      if (!theirs?.self) result.keep(key, theirs ? child.without(theirs) : child);
    }
    return result;
  }

  equals(other: FieldSet): boolean {
    if (this.self !== other.self || this.children.size !== other.children.size) return false;
    return [...this.children].every(([key, child]) => other.children.get(key)?.equals(child) === true);
  }

  /** Every member path, in a stable order. */
  *paths(prefix: readonly string[] = []): Generator<readonly string[]> {
    if (this.self) yield prefix;
    for (const key of [...this.children.keys()].sort())
      yield* (this.children.get(key) ?? EMPTY).paths([...prefix, key]);
  }

  private combine(self: boolean): FieldSet {
    const result = new FieldSet();
    result.self = self;
    return result;
  }

  private keep(key: string, child: FieldSet): void {
    if (!child.isEmpty) this.children.set(key, child);
  }
}

const EMPTY = new FieldSet();

/** `.spec.containers[name="web"].image`, the way conflicts name fields. */
export function printPath(path: readonly string[]): string {
  return path.map(printStep).join('');
}

function printStep(step: string): string {
  const body = step.slice(2);
  if (step.startsWith('f:')) return `.${body}`;
  if (step.startsWith('v:')) return `[=${body}]`;
  if (step.startsWith('i:')) return `[${body}]`;
  const keys = Object.entries(JSON.parse(body) as JsonObject);
  return `[${keys.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
}
