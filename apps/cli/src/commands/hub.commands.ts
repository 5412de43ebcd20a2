import type { Command } from 'commander';
import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { EXIT } from '../exit.js';
import type { TextOptions } from '../output/format.js';
import { printAs, withTextOutput } from '../output/format.js';
import type { Paint } from '../output/paint.js';
import type { CommandContext } from '../run-cli.js';
import { printCounts } from './print-counts.js';
import { hubLines } from './print-hub.js';

/** `flotilla hub status`: whether the hub decides, and why not. Exit 1 when it does not. */
export function addHubCommands(program: Command, { session, answer }: CommandContext): void {
  const hub = program.command('hub').description('The hub itself');
  const status = hub.command('status').description('Whether the hub decides and sends, and why not');
  withTextOutput(status).action(async ({ output }: TextOptions) => {
    const here = session();
    const [{ url }, api] = await Promise.all([here.hub(), here.api()]);
    const [summary, version] = await Promise.all([
      bodyOf(api.GET('/api/v1/summary')),
      bodyOf(api.GET('/api/v1/version')),
    ]);
    const words = (): string => statusLines({ summary, version: version.version, url }, here.paint).join('\n');
    here.out(printAs(summary.hub, output, words));
    if (summary.hub.mode !== 'normal') answer(EXIT.no);
  });
}

interface HubStatus {
  readonly summary: Schemas['SummaryDto'];
  readonly version: string;
  readonly url: string;
}

function statusLines({ summary, version, url }: HubStatus, paint: Paint): string[] {
  const { hub, clusters } = summary;
  const trouble = hubLines(hub, paint, Date.now());
  return [
    ...(trouble.length > 0 ? trouble : [`hub   ${paint('green', 'decides')} and sends`]),
    `      ${hub.role} at ${url}, version ${version}; clusters: ${printCounts(clusters, paint)}`,
  ];
}
