import type { JsonObject } from '../json.js';
import type { SchemaNode } from '../schema/schema-node.js';

export interface CustomColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly priority?: number;
}

/** What a CustomResourceDefinition says about one of its versions. */
export interface CustomVersion {
  readonly storageVersion: string;
  readonly listKind: string;
  /** Its schema as the OpenAPI document shows it. */
  readonly openApi: JsonObject;
  readonly columns: readonly CustomColumn[];
  readonly selectableFields: readonly string[];
  readonly scale: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string } | undefined;
}

/** One resource of one group version, as discovery lists it. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: ReadonlySet<string>;
  /** The discovery entry it came from (`apidiscovery.k8s.io/v2`). */
  readonly discovery: JsonObject;
  readonly custom: CustomVersion | undefined;
  readonly schema: SchemaNode;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(type: { readonly group: string; readonly version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** `deployments.apps`: the name of the collection, one for all versions, and the name in messages. */
export function qualifiedName(type: { readonly group: string; readonly plural: string }): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}
