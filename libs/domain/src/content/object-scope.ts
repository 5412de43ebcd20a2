import type { KubeObject, ObjectRef } from '../json/index.js';
import { groupOf, isJsonObject, refKey, refOf } from '../json/index.js';
import { textOf } from './check-object.js';

/** Kinds of the built-in groups that live outside namespaces. */
const CLUSTER_SCOPED = new Set([
  '/Namespace',
  '/Node',
  '/PersistentVolume',
  'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
  'admissionregistration.k8s.io/MutatingAdmissionPolicy',
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'certificates.k8s.io/CertificateSigningRequest',
  'flowcontrol.apiserver.k8s.io/FlowSchema',
  'flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration',
  'networking.k8s.io/IngressClass',
  'networking.k8s.io/IPAddress',
  'networking.k8s.io/ServiceCIDR',
  'node.k8s.io/RuntimeClass',
  'rbac.authorization.k8s.io/ClusterRole',
  'rbac.authorization.k8s.io/ClusterRoleBinding',
  'resource.k8s.io/DeviceClass',
  'resource.k8s.io/ResourceSlice',
  'scheduling.k8s.io/PriorityClass',
  'storage.k8s.io/CSIDriver',
  'storage.k8s.io/CSINode',
  'storage.k8s.io/StorageClass',
  'storage.k8s.io/VolumeAttachment',
  'storage.k8s.io/VolumeAttributesClass',
]);

/** Kinds known to live outside namespaces: the built-in ones, and those that the given CRDs define so. */
export class ScopeTable {
  private readonly defined = new Set<string>();

  constructor(objects: Iterable<KubeObject> = []) {
    for (const object of objects) this.learn(object);
  }

  isClusterScoped(group: string, kind: string): boolean {
    return CLUSTER_SCOPED.has(`${group}/${kind}`) || this.defined.has(`${group}/${kind}`);
  }

  /**
   * Names the object that will exist: two objects with equal keys are one in the cluster.
   * @param namespace where objects without a namespace will be
   */
  keyOf(ref: ObjectRef, namespace: string): string {
    if (this.isClusterScoped(ref.group, ref.kind)) return refKey({ ...ref, namespace: '' });
    return refKey({ ...ref, namespace: ref.namespace === '' ? namespace : ref.namespace });
  }

  keyOfObject(object: KubeObject, namespace: string): string {
    return this.keyOf(refOf(object), namespace);
  }

  private learn(object: KubeObject): void {
    if (object.kind !== 'CustomResourceDefinition' || groupOf(object.apiVersion) !== 'apiextensions.k8s.io') return;
    const spec = object['spec'];
    if (!isJsonObject(spec) || spec['scope'] !== 'Cluster' || !isJsonObject(spec['names'])) return;
    this.defined.add(`${textOf(spec['group'])}/${textOf(spec['names']['kind'])}`);
  }
}
