import type { JsonObject, KubeObject } from '../json.js';
import { objectAt, objectsAt, stringAt, timestamp } from '../json.js';
import { readCustomTypes } from '../custom/read-custom-types.js';
import type { Registry } from '../registry/registry.js';
import { CRD_FINALIZER } from '../resources/object-remover.js';
import type { Change } from '../store.js';
import type { Control } from './control.js';
import type { Controller } from './life.js';
import { keysOf } from './life.js';

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';
const API_SERVER = 'kube-apiserver';

/** CustomResourceDefinitions are served as soon as they are written, and take their objects with them when they go. */
export class CustomResources implements Controller {
  constructor(private readonly registry: Registry) {}

  due(change: Change, control: Control): string[] {
    const { collection } = change;
    if (collection === CRDS) return keysOf(change, CRDS);
    const ending = change.type === 'DELETED' && control.get(CRDS, collection)?.metadata.deletionTimestamp !== undefined;
    return ending ? [collection] : [];
  }

  reconcile(name: string, control: Control): undefined {
    const crd = control.get(CRDS, name);
    this.registry.setCustom(name, crd ? readCustomTypes(crd) : []);
    if (!crd) return;
    if (crd.metadata.deletionTimestamp === undefined) establish(crd, control);
    else this.end(crd, control);
  }

  private end(crd: KubeObject, control: Control): void {
    const { name } = crd.metadata;
    const objects = this.registry.hasCollection(name) ? control.list(name) : [];
    for (const object of objects) if (object.metadata.deletionTimestamp === undefined) control.remove(name, object);
    if (this.registry.hasCollection(name) && control.list(name).length > 0) return;
    this.registry.setCustom(name, []);
    control.update(
      CRDS,
      crd,
      (live) => ({
        ...live,
        metadata: {
          ...live.metadata,
          finalizers: (live.metadata.finalizers ?? []).filter((other) => other !== CRD_FINALIZER),
        },
      }),
      { manager: API_SERVER },
    );
  }
}

function establish(crd: KubeObject, control: Control): void {
  const spec = objectAt(crd, 'spec');
  const before = objectsAt(crd, 'status', 'conditions');
  const condition = (type: string, reason: string, message: string): JsonObject => ({
    type,
    status: 'True',
    lastTransitionTime: before.find((old) => old.type === type)?.lastTransitionTime ?? timestamp(),
    reason,
    message,
  });
  const storage = objectsAt(spec, 'versions').find((version) => version.storage === true);
  const stored = new Set([
    ...((objectAt(crd, 'status').storedVersions as string[] | undefined) ?? []),
    stringAt(storage, 'name'),
  ]);
  const status = {
    conditions: [
      condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
      condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
    ],
    acceptedNames: objectAt(spec, 'names'),
    storedVersions: [...stored],
  };
  control.setStatus(CRDS, crd, status, API_SERVER);
}
