import type { DefinitionKind } from './definition.js';
import type { Field, FieldTable } from './fields/field-type.js';
import { DEFINITION_KINDS, KIND_RULES } from './kinds/index.js';

/** The table of fields of every kind in Markdown, from the same tables that the parser reads by. */
export function definitionDocs(): Readonly<Record<DefinitionKind, string>> {
  return Object.fromEntries(DEFINITION_KINDS.map((kind) => [kind, tableOf(kind)])) as Record<DefinitionKind, string>;
}

const TABLE = /(?<=<!-- fields -->\n)[\s\S]*?(?=<!-- \/fields -->)/;

/** A page of documentation with the table of a kind between its `<!-- fields -->` marks. */
export function withFieldTable(page: string, kind: DefinitionKind): string {
  return page.replace(TABLE, () => `\n${tableOf(kind)}\n\n`);
}

function tableOf(kind: DefinitionKind): string {
  const rows = rowsOf(KIND_RULES[kind].fields, '');
  return ['| field | type | default | meaning |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(fields: FieldTable, prefix: string): string[] {
  return Object.entries(fields).flatMap(([key, field]) => {
    const path = `${prefix}${key}`;
    const inList = field.type.label.includes('list of');
    return [rowOf(path, field), ...rowsOf(field.type.members ?? {}, `${path}${inList ? '[]' : ''}.`)];
  });
}

function rowOf(path: string, field: Field<unknown>): string {
  const fallback = field.presence === 'required' ? '**required**' : field.fallback;
  return `| \`${path}\` | ${[field.type.label, fallback, field.doc].map(escapeCell).join(' | ')} |`;
}

function escapeCell(text: string): string {
  return text.replaceAll('|', '\\|');
}
