import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { withFieldTable } from './definition-docs.js';
import { definitionSchemas } from './definition-schemas.js';
import type { DefinitionKind } from './definition.js';
import { DEFINITION_KINDS } from './kinds/index.js';
import { parseFleet } from './parse-fleet.js';
import { readYaml } from './read-yaml.js';
import { textAt, toJson } from './yaml-node.js';

const root = join(import.meta.dirname, '../../../..');

function pageOf(kind: DefinitionKind): string {
  const slug = kind.replaceAll(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return readFileSync(join(root, 'docs/spec', `${slug}.md`), 'utf8');
}

function examplesOf(kind: DefinitionKind): string[] {
  return [...pageOf(kind).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? '');
}

const schemas = definitionSchemas();
const ajv = new Ajv2020({ strict: true, strictTypes: false, strictRequired: false, allErrors: true });

/** What the schemas say of the documents of a text, one line per document that they refuse. */
function refusedBySchema(content: string): string[] {
  return readYaml(content).documents.flatMap(({ root: node }) => {
    const kind = node === undefined ? undefined : textAt(node, 'kind');
    const schema = schemas[kind as DefinitionKind];
    if (node === undefined || ajv.validate(schema, toJson(node))) return [];
    return [ajv.errorsText()];
  });
}

describe.each(DEFINITION_KINDS)('docs/spec page of %s', (kind) => {
  it('has examples, and each is right for parser and schema', () => {
    const examples = examplesOf(kind);
    expect(examples.join()).toContain(`kind: ${kind}\n`);
    for (const content of examples) {
      expect(parseFleet([{ path: 'fleet/example.yaml', content }]).problems).toEqual([]);
      expect(refusedBySchema(content)).toEqual([]);
    }
  });

  it('has the table of fields that the parser reads by', () => {
    expect(pageOf(kind)).toBe(withFieldTable(pageOf(kind), kind));
    expect(pageOf(kind)).toContain('| `metadata.name` |');
  });

  it('is served with the schema in schemas/', () => {
    const file = readFileSync(join(root, 'schemas', `${kind.toLowerCase()}.json`), 'utf8');
    expect(JSON.parse(file)).toEqual(schemas[kind]);
  });
});

describe('definitionSchemas', () => {
  const head = (kind: string): string => `kind: ${kind}\nmetadata: {name: x}\nspec: `;
  it.each([
    ['App', '{targets: [{}]}'],
    ['App', '{targets: [{all: true, group: a}]}'],
    ['App', '{targets: [{all: true}], x: y}'],
    ['App', '{targets: [{all: true}], namespace: 010}'],
    ['App', '{targets: [{all: true}], mode: watch}'],
    ['App', '{targets: [{all: true}], decrypt: {sops: {}}}'],
    ['RolloutStrategy', '{waves: []}'],
    ['RolloutStrategy', '{waves: [{name: a, soak: 30}]}'],
    ['RolloutStrategy', '{waves: [{name: a, maxConcurrent: 0}]}'],
    ['ClusterGroup', '{selector: ""}'],
    ['Project', '{}'],
  ])('refuses %s %s as the parser does', (kind, spec) => {
    const content = head(kind) + spec;
    expect(parseFleet([{ path: 'fleet/x.yaml', content }]).problems).not.toEqual([]);
    expect(refusedBySchema(content)).toHaveLength(1);
  });
});
