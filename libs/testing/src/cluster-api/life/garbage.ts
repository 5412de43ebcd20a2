import type { KubeObject, OwnerReference } from '../json.js';
import type { Change } from '../store.js';
import type { Control } from './control.js';
import type { Controller } from './life.js';
import type { Standing } from './owner-index.js';

/**
 * Owner garbage collection. Works by UID: an object whose owners are all gone goes too; an owner that is deleted in the
 * foreground waits for its dependents; one that is deleted with `Orphan` lets go of them first.
 */
export class Garbage implements Controller {
  due({ type, object }: Change, control: Control): string[] {
    const { uid = '', metadata } = { uid: object.metadata.uid, metadata: object.metadata };
    const owners = (metadata.ownerReferences ?? []).map((reference) => reference.uid);
    const deleting = type === 'DELETED' || metadata.deletionTimestamp !== undefined;
    const own =
      deleting && (control.owners.dependents(uid).length > 0 || metadata.finalizers !== undefined) ? [uid] : [];
    return owners.length === 0
      ? own
      : [...own, ...(type === 'DELETED' ? owners : owners.filter((owner) => isDue(owner, control)))];
  }

  reconcile(uid: string, control: Control): undefined {
    const standing = control.owners.find(uid);
    const owner = standing && control.get(standing.collection, standing.key);
    const dependents = control.owners.dependents(uid);
    if (!standing || !owner) dependents.forEach((dependent) => collect(dependent, control));
    else if (owner.metadata.deletionTimestamp !== undefined) finishOwner(owner, standing, control);
  }
}

/** Whether an owner needs a look: it is gone, or waits in the foreground. */
function isDue(uid: string, control: Control): boolean {
  const standing = control.owners.find(uid);
  const owner = standing && control.get(standing.collection, standing.key);
  return !owner || owner.metadata.deletionTimestamp !== undefined;
}

/** Deletes the dependent, or only its dead references when another owner lives. */
function collect({ collection, key }: Standing, control: Control): void {
  const object = control.get(collection, key);
  if (!object || object.metadata.deletionTimestamp !== undefined) return;
  const references = object.metadata.ownerReferences ?? [];
  const living = references.filter((reference) => isAlive(reference, object, control));
  if (living.length === references.length) return;
  if (living.length === 0) control.remove(collection, object, { propagation: 'Background', uid: object.metadata.uid });
  else control.update(collection, object, (live) => withOwners(live, living));
}

function isAlive({ uid }: OwnerReference, dependent: KubeObject, control: Control): boolean {
  const standing = control.owners.find(uid);
  if (!standing) return false;
  // A namespaced owner counts only inside its own namespace.
  const namespace = standing.key.includes('/') ? standing.key.split('/')[0] : undefined;
  return namespace === undefined || namespace === dependent.metadata.namespace;
}

function withOwners(object: KubeObject, owners: OwnerReference[]): KubeObject {
  const { ownerReferences: _, ...metadata } = object.metadata;
  return {
    ...object,
    metadata: owners.length > 0 ? { ...metadata, ownerReferences: owners } : metadata,
  };
}

function finishOwner(owner: KubeObject, { collection }: Standing, control: Control): void {
  const finalizers = owner.metadata.finalizers ?? [];
  const { uid } = owner.metadata;
  if (finalizers.includes('orphan')) {
    for (const dependent of control.owners.dependents(uid)) orphan(dependent, uid ?? '', control);
    dropFinalizer(collection, owner, { name: 'orphan', control });
  } else if (finalizers.includes('foregroundDeletion')) {
    const blocking = control.owners
      .dependents(uid)
      .filter((dependent) => collectInForeground(dependent, uid ?? '', control));
    if (blocking.length === 0) dropFinalizer(collection, owner, { name: 'foregroundDeletion', control });
  }
}

function orphan({ collection, key }: Standing, uid: string, control: Control): void {
  const object = control.get(collection, key);
  if (!object) return;
  const kept = (object.metadata.ownerReferences ?? []).filter((reference) => reference.uid !== uid);
  control.update(collection, object, (live) => withOwners(live, kept));
}

/** @returns whether the owner must go on waiting for it. */
function collectInForeground({ collection, key }: Standing, uid: string, control: Control): boolean {
  const object = control.get(collection, key);
  if (!object) return false;
  if (object.metadata.deletionTimestamp === undefined) {
    const propagation = control.owners.dependents(object.metadata.uid).length > 0 ? 'Foreground' : 'Background';
    control.remove(collection, object, { propagation });
  }
  const reference = object.metadata.ownerReferences?.find((own) => own.uid === uid);
  return reference?.blockOwnerDeletion === true && control.get(collection, key) !== undefined;
}

function dropFinalizer(
  collection: string,
  owner: KubeObject,
  { name, control }: { name: string; control: Control },
): void {
  control.update(collection, owner, (live) => {
    const finalizers = (live.metadata.finalizers ?? []).filter((other) => other !== name);
    return { ...live, metadata: { ...live.metadata, finalizers } };
  });
}
