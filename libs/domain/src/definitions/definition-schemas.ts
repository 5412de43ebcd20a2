import type { JsonObject } from '../json/index.js';
import type { DefinitionKind } from './definition.js';
import { DEFINITION_KINDS, KIND_RULES } from './kinds/index.js';

/** The JSON Schema (draft 2020-12) of every kind, from the same tables that the parser reads by. */
export function definitionSchemas(): Readonly<Record<DefinitionKind, JsonObject>> {
  return Object.fromEntries(DEFINITION_KINDS.map((kind) => [kind, schemaOf(kind)])) as Record<
    DefinitionKind,
    JsonObject
  >;
}

function schemaOf(kind: DefinitionKind): JsonObject {
  const { doc, schema } = KIND_RULES[kind];
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `https://flotilla.dev/schemas/v1alpha1/${kind.toLowerCase()}.json`,
    title: kind,
    description: doc,
    ...schema,
  };
}
