import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface DefinitionModule {
  readonly definitionSchemas: () => Record<string, object>;
  readonly withFieldTable: (page: string, kind: string) => string;
}

/** One JSON Schema per kind of definition, for editors and for the hub to serve; and the field tables of the pages on them. */
export async function schemaFiles(root: string): Promise<[string, string][]> {
  const file = pathToFileURL(join(root, 'libs/domain/dist/index.js')).href;
  const { definitionSchemas, withFieldTable } = (await import(file)) as DefinitionModule;
  return Object.entries(definitionSchemas()).flatMap(([kind, schema]) => {
    const page = `docs/spec/${pageName(kind)}.md`;
    const files: [string, string][] = [[`schemas/${kind.toLowerCase()}.json`, `${JSON.stringify(schema, null, 2)}\n`]];
    if (existsSync(join(root, page))) files.push([page, withFieldTable(readFileSync(join(root, page), 'utf8'), kind)]);
    return files;
  });
}

/** `RolloutStrategy` → `rollout-strategy`. */
function pageName(kind: string): string {
  return kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}
