import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface DefinitionModule {
  readonly definitionSchemas: () => Record<string, object>;
}

/** One JSON Schema per kind of definition, for editors and for the hub to serve. */
export async function schemaFiles(root: string): Promise<[string, string][]> {
  const file = pathToFileURL(join(root, 'libs/domain/dist/index.js')).href;
  const { definitionSchemas } = (await import(file)) as DefinitionModule;
  return Object.entries(definitionSchemas()).map(([kind, schema]) => [
    `schemas/${kind.toLowerCase()}.json`,
    `${JSON.stringify(schema, null, 2)}\n`,
  ]);
}
