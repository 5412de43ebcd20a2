import type { JsonObject, KubeObject } from '../json.js';
import { listAt, objectAt, objectsAt, stringAt } from '../json.js';
import type { CustomVersion, ResourceType } from '../registry/resource-type.js';
import { recordedSchemas } from '../schema/recorded-schemas.js';
import type { RawSchema } from '../schema/open-api.js';
import { SchemaNode } from '../schema/schema-node.js';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const VERBS = ['delete', 'deletecollection', 'get', 'list', 'patch', 'create', 'update', 'watch'];

/** The resources that a CustomResourceDefinition declares: one for each served version. */
export function readCustomTypes(crd: KubeObject): ResourceType[] {
  const spec = objectAt(crd, 'spec');
  const versions = objectsAt(spec, 'versions');
  const storage = stringAt(
    versions.find((version) => version.storage === true),
    'name',
  );
  return versions.filter((version) => version.served === true).map((version) => readVersion(spec, version, storage));
}

function readVersion(spec: JsonObject, version: JsonObject, storageVersion: string): ResourceType {
  const names = objectAt(spec, 'names');
  const type = {
    group: stringAt(spec, 'group'),
    version: stringAt(version, 'name'),
    plural: stringAt(names, 'plural'),
    singular: stringAt(names, 'singular'),
    kind: stringAt(names, 'kind'),
    namespaced: spec.scope === 'Namespaced',
    verbs: VERBS,
    subresources: new Set(Object.keys(objectAt(version, 'subresources')).sort().reverse()),
  };
  const schema = withStandardFields(objectAt(version, 'schema', 'openAPIV3Schema'));
  const scale = version.subresources === undefined ? undefined : objectAt(version, 'subresources').scale;
  const custom: CustomVersion = {
    storageVersion,
    listKind: stringAt(names, 'listKind'),
    openApi: schema as JsonObject,
    columns: objectsAt(version, 'additionalPrinterColumns') as unknown as CustomVersion['columns'],
    selectableFields: objectsAt(version, 'selectableFields').map((field) => stringAt(field, 'jsonPath').slice(1)),
    scale: scale as CustomVersion['scale'],
  };
  // Definitions that the schema points to are those of the core group: object metadata.
  const node = new SchemaNode(schema, recordedSchemas('', 'v1'));
  return { ...type, discovery: describe(type, names), custom, schema: node };
}

function withStandardFields(schema: RawSchema): RawSchema {
  const standard = {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { allOf: [{ $ref: `#/components/schemas/${META}` }] },
  };
  return { ...schema, type: 'object', properties: { ...schema.properties, ...standard } };
}

type Described = Omit<ResourceType, 'discovery' | 'custom' | 'schema'>;

function describe(type: Described, names: JsonObject): JsonObject {
  const responseKind = { group: type.group, version: type.version, kind: type.kind };
  const extra = (key: string): JsonObject => (listAt(names, key).length > 0 ? { [key]: listAt(names, key) } : {});
  const subresources = [...type.subresources].map((subresource) => ({
    subresource,
    responseKind: subresource === 'scale' ? { group: 'autoscaling', version: 'v1', kind: 'Scale' } : responseKind,
    verbs: ['get', 'patch', 'update'],
  }));
  return {
    resource: type.plural,
    responseKind,
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: [...type.verbs],
    ...extra('shortNames'),
    ...extra('categories'),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}
