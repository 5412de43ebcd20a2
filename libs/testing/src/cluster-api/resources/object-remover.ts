import type { Json, JsonObject, KubeObject } from '../json.js';
import { listAt, objectAt, stringAt, timestamp } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { qualifiedName } from '../registry/resource-type.js';
import { conflict, forbidden } from '../status-error.js';
import type { Store } from '../store.js';
import type { ObjectPlace, ObjectWriter } from './object-writer.js';

export type Propagation = 'Background' | 'Foreground' | 'Orphan';

export interface RemoveOptions {
  readonly propagation?: Propagation | undefined;
  readonly graceSeconds?: number | undefined;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly dryRun?: boolean;
}

const GC_FINALIZERS: Record<Propagation, readonly string[]> = {
  Background: [],
  Foreground: ['foregroundDeletion'],
  Orphan: ['orphan'],
};
export const CRD_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';
const POD_GRACE_SECONDS = 30;
const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);

/** Deletes objects: at once, or marked until finalizers and grace are over. */
export class ObjectRemover {
  constructor(
    private readonly store: Store,
    private readonly writer: ObjectWriter,
  ) {}

  /** @returns the object as it was last, and whether it is gone already. */
  remove(place: Omit<ObjectPlace, 'subresource'>, options: RemoveOptions = {}): { object: KubeObject; gone: boolean } {
    const { type } = place;
    const live = this.writer.get(place);
    refusePreconditions(live, options, type);
    refuseImmortal(place);
    const grace = graceOf(live, type, options);
    const marked = mark(live, type, { finalizers: finalizersFor(live, type, options), grace });
    const gone = grace === 0 && marked.metadata.finalizers === undefined && type.kind !== 'Namespace';
    if (options.dryRun) return { object: gone ? live : marked, gone };
    return { object: gone ? this.store.remove(qualifiedName(type), live) : this.mark(live, marked, type), gone };
  }

  private mark(live: KubeObject, marked: KubeObject, type: ResourceType): KubeObject {
    const again = live.metadata.deletionTimestamp !== undefined && sameMark(live, marked);
    return again ? live : this.store.put(qualifiedName(type), marked);
  }
}

function refuseImmortal({ type, name }: Omit<ObjectPlace, 'subresource'>): void {
  if (type.kind === 'Namespace' && IMMORTAL.has(name)) throw forbidden(type, name, 'this namespace may not be deleted');
}

function sameMark(live: KubeObject, marked: KubeObject): boolean {
  const key = ({ metadata }: KubeObject): string =>
    JSON.stringify([metadata.finalizers, metadata.deletionTimestamp, metadata.deletionGracePeriodSeconds]);
  return key(live) === key(marked);
}

function refusePreconditions(
  { metadata }: KubeObject,
  { uid, resourceVersion }: RemoveOptions,
  type: ResourceType,
): void {
  const kind = { group: '', plural: type.kind, kind: type.kind };
  if (uid && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}).`;
    throw conflict(kind, metadata.name, `${why} The object might have been deleted and then recreated`);
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}).`;
    throw conflict(kind, metadata.name, `${why} The object might have been modified`);
  }
}

/** Only Pods that a node has taken get time to end. */
function graceOf(live: KubeObject, type: ResourceType, { graceSeconds }: RemoveOptions): number {
  if (type.kind !== 'Pod' || type.group !== '') return 0;
  const phase = stringAt(live, 'status', 'phase');
  if (stringAt(live, 'spec', 'nodeName') === '' || phase === 'Succeeded' || phase === 'Failed') return 0;
  const own: Json | undefined = objectAt(live, 'spec').terminationGracePeriodSeconds;
  const wanted = graceSeconds ?? (typeof own === 'number' ? own : POD_GRACE_SECONDS);
  return Math.min(wanted, live.metadata.deletionGracePeriodSeconds ?? Infinity);
}

function finalizersFor(live: KubeObject, type: ResourceType, { propagation }: RemoveOptions): string[] {
  const own = live.metadata.finalizers ?? [];
  const kept = propagation ? own.filter((name) => name !== 'orphan' && name !== 'foregroundDeletion') : own;
  const extra = propagation ? GC_FINALIZERS[propagation] : [];
  const crd = type.kind === 'CustomResourceDefinition' ? [CRD_FINALIZER] : [];
  return [...new Set([...kept, ...extra, ...crd])];
}

function mark(
  live: KubeObject,
  type: ResourceType,
  { finalizers, grace }: { finalizers: string[]; grace: number },
): KubeObject {
  const { finalizers: _, ...rest } = live.metadata;
  const first = rest.deletionTimestamp === undefined;
  const [isNamespace, isDefinition] = [type.kind === 'Namespace', type.kind === 'CustomResourceDefinition'];
  const metadata: KubeObject['metadata'] = {
    ...rest,
    ...(first ? { deletionTimestamp: timestamp(Date.now() + grace * 1000) } : {}),
    ...(first && rest.generation && !isDefinition ? { generation: rest.generation + 1 } : {}),
    ...(isNamespace || isDefinition ? {} : { deletionGracePeriodSeconds: grace }),
    ...(finalizers.length > 0 ? { finalizers } : {}),
  };
  return { ...live, ...(first ? endingStatus(live, type) : {}), metadata };
}

const MARKED = 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon';

/** The kinds whose status tells that they are going. */
function endingStatus(live: KubeObject, { kind }: ResourceType): JsonObject {
  const status = objectAt(live, 'status');
  if (kind === 'Namespace') return { status: { ...status, phase: 'Terminating' } };
  if (kind !== 'CustomResourceDefinition') return {};
  const condition = {
    type: 'Terminating',
    status: 'True',
    lastTransitionTime: timestamp(),
    reason: 'InstanceDeletionPending',
    message: MARKED,
  };
  return { status: { ...status, conditions: [...listAt(status, 'conditions'), condition] } };
}
