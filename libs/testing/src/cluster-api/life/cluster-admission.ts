import type { JsonObject, KubeObject } from '../json.js';
import { objectAt, objectsAt, stringAt } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';
import { qualifiedName } from '../registry/resource-type.js';
import type { Admission, Change } from '../resources/admission.js';
import { forbidden, notFound } from '../status-error.js';
import type { Registry } from '../registry/registry.js';
import type { Store } from '../store.js';
import { admitPod } from './admit-pod.js';
import { admitJob, countTemplates } from './admit-workload.js';
import { ServiceAddresses } from './service-addresses.js';

/** The admission plugins that shape objects in every cluster. */
export class ClusterAdmission implements Admission {
  private readonly addresses: ServiceAddresses;

  constructor(
    private readonly store: Store,
    private readonly registry: Registry,
  ) {
    this.addresses = new ServiceAddresses(store);
  }

  admitCreate(type: ResourceType, object: KubeObject): KubeObject {
    if (type.namespaced) this.requireNamespace(type, object);
    switch (qualifiedName(type)) {
      case 'namespaces':
        return { ...object, spec: { ...objectAt(object, 'spec'), finalizers: ['kubernetes'] } };
      case 'services':
        return this.addresses.allocate(object);
      case 'pods':
        return admitPod(object);
      case 'jobs.batch':
        return admitJob(object);
      case 'daemonsets.apps':
        return countTemplates(undefined, object);
      case 'customresourcedefinitions.apiextensions.k8s.io':
        return {
          ...object,
          status: { ...objectAt(object, 'status'), conditions: null, storedVersions: storedVersions(object) },
        };
      default:
        return object;
    }
  }

  admitUpdate({ type, subresource }: { type: ResourceType; subresource: string }, { live, next }: Change): KubeObject {
    const name = qualifiedName(type);
    if (name === 'daemonsets.apps') return countTemplates(live, next);
    if (name === 'services') return this.addresses.keep(live, next);
    // Only `/finalize` may let a namespace go.
    if (name === 'namespaces' && subresource !== 'finalize') return { ...next, spec: objectAt(live, 'spec') };
    return next;
  }

  private requireNamespace(type: ResourceType, { metadata: { name, namespace = '' } }: KubeObject): void {
    const found = this.store.get('namespaces', namespace);
    if (!found) throw notFound(this.registry.stands('namespaces'), namespace);
    if (stringAt(found, 'status', 'phase') !== 'Terminating' || qualifiedName(type) === 'events') return;
    const cause: JsonObject & { message: string } = {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    };
    throw forbidden(
      type,
      name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
      [cause],
    );
  }
}

function storedVersions(crd: KubeObject): string[] {
  return objectsAt(crd, 'spec', 'versions').flatMap((version) =>
    version.storage === true ? [stringAt(version, 'name')] : [],
  );
}
