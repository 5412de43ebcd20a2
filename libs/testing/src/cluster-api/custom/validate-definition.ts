import type { JsonObject, KubeObject } from '../json.js';
import { isObject, objectAt, objectsAt, stringAt } from '../json.js';
import type { StatusCause } from '../status-error.js';
import { invalidValue, required } from '../status-error.js';

/** What a CustomResourceDefinition must say: its own name, one storage version, structural schemas. */
export function validateDefinition(crd: KubeObject): StatusCause[] {
  const spec = objectAt(crd, 'spec');
  const versions = objectsAt(spec, 'versions');
  const wanted = `${stringAt(spec, 'names', 'plural')}.${stringAt(spec, 'group')}`;
  const storage = versions.filter((version) => version.storage === true).length;
  return [
    ...(crd.metadata.name === wanted
      ? []
      : [invalidValue('metadata.name', crd.metadata.name, 'must be spec.names.plural+"."+spec.group')]),
    ...versions.flatMap((version, index) => validateVersion(version, versions.length === 1 ? undefined : index)),
    ...(storage === 1
      ? []
      : [invalidValue('spec.versions', spec.versions, 'must have exactly one version marked as storage version')]),
  ];
}

/** @param index undefined when there is one version only: its schema then goes by the name it had in v1beta1. */
function validateVersion(version: JsonObject, index: number | undefined): StatusCause[] {
  const schema = objectAt(version, 'schema').openAPIV3Schema;
  if (!isObject(schema)) return [required(`spec.versions[${index ?? 0}].schema.openAPIV3Schema`)];
  const path =
    index === undefined ? 'spec.validation.openAPIV3Schema' : `spec.versions[${index}].schema.openAPIV3Schema`;
  if (!schema.type) return [...below(schema, path), required(`${path}.type`, 'must not be empty at the root')];
  if (schema.type === 'object') return below(schema, path);
  return [invalidValue(`${path}.type`, schema.type, 'must be object at the root')];
}

/** Every field says its type, unless it takes anything or holds an integer or string. */
function below(schema: JsonObject, path: string): StatusCause[] {
  const items = schema.items === undefined ? [] : child(schema.items, `${path}.items`, 'array items');
  const rest = isObject(schema.additionalProperties)
    ? child(schema.additionalProperties, `${path}.additionalProperties`, 'object fields')
    : [];
  const properties = Object.entries(objectAt(schema, 'properties')).flatMap(([name, property]) =>
    child(property, `${path}.properties[${name}]`, 'object fields'),
  );
  return [...properties, ...rest, ...items];
}

function child(schema: unknown, path: string, what: string): StatusCause[] {
  if (!isObject(schema)) return [];
  const untyped =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  const missing = schema.type || untyped ? [] : [required(`${path}.type`, `must not be empty for specified ${what}`)];
  return [...below(schema, path), ...missing];
}
