import { randomBytes } from 'node:crypto';
import type { JsonObject, KubeObject, OwnerReference } from '../json.js';
import { sameJson, timestamp } from '../json.js';
import type { Registry } from '../registry/registry.js';
import type { ResourceType } from '../registry/resource-type.js';
import { settleObject } from '../resources/decode-object.js';
import type { ObjectRemover, RemoveOptions } from '../resources/object-remover.js';
import type { ObjectWriter } from '../resources/object-writer.js';
import { StatusError } from '../status-error.js';
import type { Store } from '../store.js';
import type { OwnerIndex } from './owner-index.js';

export const CONTROLLER_MANAGER = 'kube-controller-manager';
const MOST_EVENTS = 500;

export interface ControlParts {
  readonly store: Store;
  readonly registry: Registry;
  readonly writer: ObjectWriter;
  readonly remover: ObjectRemover;
  readonly owners: OwnerIndex;
}

/** What controllers do to a cluster: the same writes that the real ones send through the API. */
export class Control {
  constructor(private readonly parts: ControlParts) {}

  get owners(): OwnerIndex {
    return this.parts.owners;
  }

  get(collection: string, key: string): KubeObject | undefined {
    return this.parts.store.get(collection, key);
  }

  list(collection: string, namespace?: string): KubeObject[] {
    return this.parts.store.list(collection, namespace);
  }

  collections(): Iterable<ResourceType> {
    return this.parts.registry.collections();
  }

  type(collection: string): ResourceType {
    return this.parts.registry.stands(collection);
  }

  create(collection: string, object: JsonObject, manager = CONTROLLER_MANAGER): KubeObject {
    const type = this.type(collection);
    return this.parts.writer.create(type, settleObject(object, type), { manager });
  }

  update(
    collection: string,
    object: KubeObject,
    change: (live: KubeObject) => KubeObject,
    more: { manager?: string; subresource?: string } = {},
  ): KubeObject {
    const { manager = CONTROLLER_MANAGER, subresource = '' } = more;
    const place = {
      type: this.type(collection),
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
      subresource,
    };
    return this.parts.writer.update(place, change, { manager });
  }

  /** Writes the status unless it says that already. */
  setStatus(collection: string, object: KubeObject, status: JsonObject, manager = CONTROLLER_MANAGER): void {
    if (sameJson(object.status, status)) return;
    this.update(collection, object, (live) => ({ ...live, status }), { manager, subresource: 'status' });
  }

  /** Puts the object as it is, past managed fields and validation: for what the server itself does. */
  put(collection: string, object: KubeObject): KubeObject {
    return this.parts.store.put(collection, object);
  }

  /** Takes the object away without asking, as the server does once nothing holds it. */
  drop(collection: string, object: KubeObject): void {
    this.parts.store.remove(collection, object);
  }

  remove(collection: string, { metadata: { name, namespace = '' } }: KubeObject, options: RemoveOptions = {}): void {
    this.parts.remover.remove({ type: this.type(collection), name, namespace }, options);
  }

  /** An Event about the object. Only the newest are kept. */
  event(
    about: KubeObject,
    {
      type,
      reason,
      message,
      component,
    }: { type: 'Normal' | 'Warning'; reason: string; message: string; component: string },
  ): void {
    const { name, namespace = 'default', uid, resourceVersion } = about.metadata;
    const now = timestamp();
    const events = this.list('events');
    if (events.length >= MOST_EVENTS)
      for (const old of oldest(events, events.length - MOST_EVENTS + 50)) this.drop('events', old);
    this.create(
      'events',
      {
        metadata: { name: `${name}.${randomBytes(8).toString('hex')}`, namespace },
        involvedObject: { kind: about.kind, namespace, name, uid, apiVersion: about.apiVersion, resourceVersion },
        ...{ reason, message, type, source: { component }, reportingComponent: component },
        ...{ firstTimestamp: now, lastTimestamp: now, count: 1, eventTime: null, reportingInstance: '' },
      },
      component,
    );
  }
}

function oldest(events: readonly KubeObject[], count: number): KubeObject[] {
  const version = ({ metadata }: KubeObject): number => Number(metadata.resourceVersion);
  return [...events].sort((a, b) => version(a) - version(b)).slice(0, count);
}

/** The reference by which a controller owns what it makes. */
export function controllerRef(owner: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = owner;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid ?? '', controller: true, blockOwnerDeletion: true };
}

export function controllerOf(object: KubeObject): OwnerReference | undefined {
  return object.metadata.ownerReferences?.find((reference) => reference.controller === true);
}

/** A write may be refused because the world moved (a namespace that ends); the next change brings the controller back. */
export function isRefusal(error: unknown): boolean {
  return error instanceof StatusError;
}
