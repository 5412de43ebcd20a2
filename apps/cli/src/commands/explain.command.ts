import type { Command } from 'commander';
import { Option } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { EXIT } from '../exit.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import { clean } from '../output/table.js';
import { printRef } from '../output/words.js';
import type { CommandContext } from '../run-cli.js';
import { textOf } from './print-changes.js';

interface ExplainOptions extends TextOptions {
  readonly cluster: string;
  readonly field?: string;
}

type Explanation = Schemas['ExplanationDto'];

/** `flotilla explain APP --cluster C [--field PATH]`. Exit 1 when the cluster gets nothing of it, or no object has the field. */
export function addExplainCommand(program: Command, { session, answer }: CommandContext): void {
  const command = program
    .command('explain <app>')
    .description('Which file or override set what a cluster gets of an app')
    .addOption(new Option('--cluster <cluster>', 'the cluster').makeOptionMandatory())
    .option('--field <path>', 'spec.replicas, containers[web].image: who set it');
  withTextOutput(command).action(async (app: string, { cluster, field, output }: ExplainOptions) => {
    const here = session();
    const query = { cluster, ...(field === undefined ? {} : { field }) };
    const api = await here.api();
    const found = await bodyOf(api.GET('/api/v1/apps/{app}/explanation', { params: { path: { app }, query } }));
    here.out(printAs(found, output, () => explanationLines(found, field).join('\n')));
    if (found.matchedBy === null || (field !== undefined && found.fields.length === 0)) answer(EXIT.no);
  });
}

function explanationLines(found: Explanation, field: string | undefined): string[] {
  const { app, cluster, matchedBy, commit, source } = found;
  const selected = matchedBy === null ? 'is not selected' : `selected by ${matchedBy}`;
  const head = clean(`${app} on ${cluster}   ${selected}   ${source} ${commit.slice(0, 7)}`);
  return field === undefined ? [head, ...generalLines(found)] : [head, ...fieldLines(found, field)];
}

function generalLines({ settings, overrides, file, line }: Explanation): string[] {
  return [
    `defined       ${file}:${line}`,
    ...settings
      .filter(({ value }) => value !== '')
      .map(({ field, value, override }) =>
        clean(`${field.padEnd(14)}${value}${override === null ? '' : `   override ${override}`}`),
      ),
    ...overrides.map(({ name, choice, applies }) =>
      clean(`override      ${name}   ${applies ? 'applies' : 'does not apply'}: ${choice}`),
    ),
  ];
}

function fieldLines({ fields }: Explanation, field: string): string[] {
  if (fields.length === 0) return [`no object has ${clean(field)}`];
  return fields.flatMap(({ ref, steps }) => [clean(printRef(ref)), ...[...steps].reverse().map(stepLine)]);
}

/** The one that holds comes first, what it took the place of below. */
function stepLine(step: Schemas['ExplainedStepDto'], index: number): string {
  const { by, override, file, line, field, value } = step;
  const what = value === null ? 'no value is shown' : shorten(textOf(value) ?? '');
  const who = by === 'content' ? '' : `   ${override === null ? '' : `override ${override}, `}${field}`;
  return clean(`  ${index === 0 ? 'is ' : 'was'}  ${what}   ${file}:${line}${who}`);
}

const LONGEST = 100;

function shorten(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}
