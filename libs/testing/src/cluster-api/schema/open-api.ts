import type { Json } from '../json.js';

export type MapType = 'atomic' | 'granular';
export type ListType = 'atomic' | 'set' | 'map';

/** One schema as an OpenAPI v3 document (or a CustomResourceDefinition) spells it. */
export interface RawSchema {
  $ref?: string;
  allOf?: RawSchema[];
  anyOf?: RawSchema[];
  oneOf?: RawSchema[];
  not?: RawSchema;
  type?: string;
  format?: string;
  description?: string;
  properties?: Record<string, RawSchema>;
  additionalProperties?: boolean | RawSchema;
  items?: RawSchema;
  default?: Json;
  required?: string[];
  nullable?: boolean;
  enum?: Json[];
  pattern?: string;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: boolean;
  exclusiveMaximum?: boolean;
  multipleOf?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  minProperties?: number;
  maxProperties?: number;
  'x-kubernetes-list-type'?: ListType;
  'x-kubernetes-list-map-keys'?: string[];
  'x-kubernetes-map-type'?: MapType;
  'x-kubernetes-patch-strategy'?: string;
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-preserve-unknown-fields'?: boolean;
  'x-kubernetes-int-or-string'?: boolean;
  'x-kubernetes-embedded-resource'?: boolean;
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[];
}

export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string };
  paths: Record<string, unknown>;
  components?: { schemas?: Record<string, RawSchema> };
}
