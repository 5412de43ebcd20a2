import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Setting {
  readonly env: string;
  readonly doc: string;
  readonly default: string | undefined;
  readonly required?: boolean;
  readonly secret?: boolean;
}

async function settingsOf(file: string, name: string): Promise<Setting[]> {
  if (!existsSync(file)) return [];
  const module = (await import(pathToFileURL(file).href)) as Record<string, Record<string, Setting>>;
  return Object.values(module[name] ?? {});
}

function table(settings: readonly Setting[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = settings.map((setting) => {
    const standard = setting.required ? '**required**' : setting.default ? `\`${setting.default}\`` : '';
    return `| \`${setting.env}\` | ${cell(setting.doc)}${setting.secret ? ' Secret: never shown.' : ''} | ${standard} |`;
  });
  return ['| variable | meaning | default |', '|---|---|---|', ...rows].join('\n');
}

/** `docs/operate/configuration.md` from the settings that hub and agent declare. */
export async function configurationPage(root: string): Promise<string> {
  const hub = await settingsOf(join(root, 'apps/hub/dist/config/config-schema.js'), 'hubSettings');
  const agent = await settingsOf(join(root, 'apps/agent/dist/config/config-schema.js'), 'agentSettings');
  return [
    '# Configuration',
    '',
    'Hub and agent read environment variables and nothing else. An unknown `FLOTILLA_*` variable stops the start, so that a typo',
    'never means a default. This page is generated from the declarations in the code (`npm run codegen`).',
    '',
    '## Hub',
    '',
    table(hub),
    '',
    '## Agent',
    '',
    table(agent),
    '',
  ].join('\n');
}
