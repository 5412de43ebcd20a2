import type { KubeObject } from '../json.js';
import type { ResourceType } from '../registry/resource-type.js';

export interface Change {
  readonly live: KubeObject;
  readonly next: KubeObject;
}

/** What a cluster adds to objects, or refuses, before they are validated. */
export interface Admission {
  admitCreate(type: ResourceType, object: KubeObject): KubeObject;
  admitUpdate(place: { readonly type: ResourceType; readonly subresource: string }, change: Change): KubeObject;
}
