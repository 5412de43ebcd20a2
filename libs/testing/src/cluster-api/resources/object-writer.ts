import type { JsonObject, KubeObject } from '../json.js';
import { sameJson } from '../json.js';
import { sameManagers } from '../fields/managers.js';
import type { ResourceType } from '../registry/resource-type.js';
import { qualifiedName } from '../registry/resource-type.js';
import { alreadyExists, conflict, invalid, invalidValue, notFound, STALE, StatusError } from '../status-error.js';
import type { Store } from '../store.js';
import { keyOf } from '../store.js';
import type { Admission } from './admission.js';
import { settleObject } from './decode-object.js';
import type { Workflow } from '../fields/managers.js';
import { ownApply, ownUpdate, workflowOf } from './field-owners.js';
import { placedObject } from './placed-object.js';
import { hasStatus, prepareCreate, prepareUpdate } from './prepare-metadata.js';
import { replicasIn, withReplicas } from './scale.js';
import { validateObject, validateUpdate } from './validate-object.js';

/** One object, or the place of one that is to come. */
export interface ObjectPlace {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly name: string;
  readonly subresource: string;
}

export interface WriteOptions {
  readonly manager: string;
  readonly dryRun?: boolean;
  /** Refuses an update that does not say which version it replaces. */
  readonly needsVersion?: boolean;
}

export interface ApplyOptions extends WriteOptions {
  readonly force: boolean;
}

/** Writes objects as the API server does: ownership of fields, metadata, admission, validation, then the store. */
export class ObjectWriter {
  constructor(
    private readonly store: Store,
    private readonly admission: Admission,
  ) {}

  find({ type, namespace, name }: Omit<ObjectPlace, 'subresource'>): KubeObject | undefined {
    return this.store.get(qualifiedName(type), keyOf({ namespace, name }));
  }

  get(place: Omit<ObjectPlace, 'subresource'>): KubeObject {
    const found = this.find(place);
    if (!found) throw notFound(place.type, place.name);
    return found;
  }

  /** @param object as decoded; its status counts only for kinds without that subresource. */
  create(type: ResourceType, object: KubeObject, options: WriteOptions): KubeObject {
    const workflow = workflowOf(type, { manager: options.manager, operation: 'Update', subresource: '' });
    const owned = ownUpdate(undefined, resetStatus(object, type), { type, workflow });
    return this.insert(type, owned, options);
  }

  /**
   * Puts `change(live)` in the place of the live object. @throws 409 when what it returns carries another resource version
   * or UID.
   */
  update(place: ObjectPlace, change: (live: KubeObject) => KubeObject, options: WriteOptions): KubeObject {
    const live = this.get(place);
    const { type, subresource } = place;
    const changed = change(live);
    if (options.needsVersion && !changed.metadata.resourceVersion) throw versionRequired(place);
    refuseStale(live, changed, type);
    const next = onlyChangeable(live, settleObject(changed, type), place);
    const workflow = workflowOf(type, { manager: options.manager, operation: 'Update', subresource });
    return this.replace(place, ownChange(live, next, { type, workflow }), options);
  }

  /** Server-side apply. Says whether the object is new. */
  apply(place: ObjectPlace, config: JsonObject, options: ApplyOptions): { object: KubeObject; created: boolean } {
    const { type, subresource } = place;
    const live = this.find(place);
    const workflow = workflowOf(type, { manager: options.manager, operation: 'Apply', subresource });
    const merged = ownApply(live, configFor(config, place), { type, workflow, force: options.force });
    const settled = settleObject(placedObject(merged, place), type);
    if (live) refuseStale(live, config as KubeObject, type);
    if (live) return { object: this.replace(place, onlyChangeable(live, settled, place), options), created: false };
    if (subresource !== '') throw notFound(type, place.name);
    refuseUid(settled, type);
    return { object: this.insert(type, resetStatus(withoutVersion(settled), type), options), created: true };
  }

  private insert(type: ResourceType, object: KubeObject, options: WriteOptions): KubeObject {
    const prepared = this.admission.admitCreate(type, prepareCreate(object, type));
    validateObject(prepared, type);
    const name = qualifiedName(type);
    if (this.store.get(name, keyOf(prepared.metadata))) throw alreadyExists(type, prepared.metadata.name);
    if (prepared.metadata.resourceVersion) {
      throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
    }
    return options.dryRun ? prepared : this.store.put(name, prepared);
  }

  private replace(place: ObjectPlace, next: KubeObject, options: WriteOptions): KubeObject {
    const { type, subresource } = place;
    const live = this.get(place);
    const prepared = this.admission.admitUpdate(place, { live, next: prepareUpdate(live, next, type) });
    if (subresource !== 'finalize') validateObject(prepared, type);
    validateUpdate(live, prepared, place);
    if (isSame(live, prepared)) return live;
    if (options.dryRun) return prepared;
    return isGone(prepared)
      ? this.store.remove(qualifiedName(type), prepared)
      : this.store.put(qualifiedName(type), prepared);
  }
}

/** A Scale of zero says nothing about replicas (`omitempty`): whoever scales to zero owns nothing. */
function ownChange(live: KubeObject, next: KubeObject, who: { type: ResourceType; workflow: Workflow }): KubeObject {
  if (who.workflow.subresource !== 'scale' || replicasIn(next, who.type) !== 0) return ownUpdate(live, next, who);
  const { managedFields } = ownUpdate(live, withReplicas(next, null, who.type), who).metadata;
  return { ...next, metadata: { ...next.metadata, ...(managedFields ? { managedFields } : {}) } };
}

/** A deleted object without finalizers, and whose grace is over, goes with the write that took the last one. */
export function isGone(object: KubeObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata;
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds > 0 || finalizers.length > 0) return false;
  const held =
    object.kind === 'Namespace' && object.apiVersion === 'v1' ? (object.spec as JsonObject).finalizers : undefined;
  return !Array.isArray(held) || held.length === 0;
}

/** Nothing changed, or only the times of managed fields. */
function isSame(live: KubeObject, next: KubeObject): boolean {
  const { managedFields: before, ...metadata } = live.metadata;
  const { managedFields: after, ...nextMetadata } = next.metadata;
  return sameManagers(before, after) && sameJson({ ...live, metadata }, { ...next, metadata: nextMetadata });
}

function resetStatus(object: KubeObject, type: ResourceType): KubeObject {
  if (!hasStatus(type) || type.kind === 'Node') return object;
  const { status: _, ...rest } = object;
  return settleObject(rest, type);
}

/** A write on the main resource leaves the status alone, one on a subresource leaves the rest alone. */
function onlyChangeable(live: KubeObject, next: KubeObject, { type, subresource }: ObjectPlace): KubeObject {
  if (subresource === 'status') {
    const metadata = type.custom ? withManaged(live, next) : { ...next.metadata, ...pick(live.metadata, 'labels') };
    return { ...live, ...pick(next, 'status'), metadata };
  }
  if (subresource !== '' || !hasStatus(type)) return next;
  const { status: _, ...rest } = next;
  return { ...rest, ...pick(live, 'status') };
}

function withManaged(live: KubeObject, next: KubeObject): KubeObject['metadata'] {
  const { managedFields } = next.metadata;
  return managedFields ? { ...live.metadata, managedFields } : live.metadata;
}

function pick(object: JsonObject, key: string): JsonObject {
  return object[key] === undefined ? {} : { [key]: object[key] };
}

function configFor(config: JsonObject, { type, subresource }: ObjectPlace): JsonObject {
  if (subresource === 'status') {
    const { apiVersion, kind, metadata } = config as KubeObject;
    return { apiVersion, kind, metadata: { name: metadata.name }, ...pick(config, 'status') };
  }
  if (!hasStatus(type)) return config;
  const { status: _, ...rest } = config;
  return rest;
}

function refuseStale(live: KubeObject, next: KubeObject, type: ResourceType): void {
  const { resourceVersion, uid } = next.metadata;
  const { name } = live.metadata;
  if (uid && uid !== live.metadata.uid) {
    const key = `/registry/${type.plural}/${keyOf(live.metadata)}`;
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${live.metadata.uid}`;
    const message = `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`;
    throw conflict(type, name, message);
  }
  if (resourceVersion && resourceVersion !== live.metadata.resourceVersion) throw conflict(type, name, STALE);
}

function versionRequired({ type, name }: ObjectPlace): StatusError {
  const cause = invalidValue('metadata.resourceVersion', 0, 'must be specified for an update');
  return invalid({ ...type, kind: type.plural }, name, [cause]);
}

/** What is applied may have been of any version before it went. */
function withoutVersion({ metadata: { resourceVersion: _, ...metadata }, ...rest }: KubeObject): KubeObject {
  return { ...rest, metadata };
}

function refuseUid({ metadata: { uid, name } }: KubeObject, type: ResourceType): void {
  if (!uid) return;
  const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
  throw conflict(type, name, why);
}
