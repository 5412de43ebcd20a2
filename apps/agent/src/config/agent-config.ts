import { readFileSync } from 'node:fs';
import { Fault } from '@flotilla/domain';
import type { Setting } from './config-schema.js';
import { agentSettings } from './config-schema.js';

type Settings = typeof agentSettings;
type Value<S> = S extends Setting<infer T> ? T : never;
type Optional = 'joinToken' | 'joinTokenFile' | 'kubeconfig' | 'context' | 'healthListen' | 'pod';

/** The agent's configuration, read and checked. Nothing else reads the environment. */
export type AgentConfig = { readonly [K in keyof Settings as K extends Optional ? never : K]: Value<Settings[K]> } & {
  readonly [K in keyof Settings as K extends Optional ? K : never]?: Value<Settings[K]>;
};

export interface ConfigSources {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Command line after the program's name; flags win over the environment. */
  readonly flags?: readonly string[];
}

/**
 * Reads the configuration from environment variables and flags. What it does not know is refused: a typo must not
 * silently mean a default.
 * @throws Fault badInput with every problem, one per line, never with a secret's value.
 */
export function readAgentConfig({ environment, flags = [] }: ConfigSources): AgentConfig {
  const problems: string[] = [];
  const given = { ...knownVariables(environment, problems), ...readFlags(flags, problems) };
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting<unknown>>(agentSettings)) {
    const text = given[setting.env] || setting.default;
    if (text !== undefined) values[key] = readSetting(setting, text, problems);
  }
  if (problems.length > 0) throw new Fault('badInput', problems.join('\n'));
  return values as unknown as AgentConfig;
}

/** The configuration of this very process. @throws Fault badInput like `readAgentConfig` */
export function readProcessConfig(flags: readonly string[]): AgentConfig {
  return readAgentConfig({ environment: process.env, flags });
}

function readSetting(setting: Setting<unknown>, text: string, problems: string[]): unknown {
  try {
    return setting.read(text);
  } catch (error) {
    problems.push(`${setting.env}: ${setting.secret ? 'has an invalid value' : (error as Error).message}`);
    return undefined;
  }
}

function knownVariables(environment: ConfigSources['environment'], problems: string[]): Record<string, string> {
  const known = new Set<string>(Object.values(agentSettings).map((setting) => setting.env));
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith('FLOTILLA_AGENT_') || value === undefined) continue;
    if (known.has(name)) found[name] = value;
    else problems.push(`${name}: unknown setting`);
  }
  return found;
}

/** `FLOTILLA_AGENT_HUB_ADDRESS` → `--hub-address`. Secrets have no flag: the process list would show them. */
export function flagOf(setting: Setting<unknown>): string | undefined {
  if (setting.secret) return undefined;
  return `--${setting.env.slice('FLOTILLA_AGENT_'.length).toLowerCase().replaceAll('_', '-')}`;
}

function readFlags(flags: readonly string[], problems: string[]): Record<string, string> {
  const byFlag = new Map(
    Object.values<Setting<unknown>>(agentSettings).map((setting) => [flagOf(setting), setting.env]),
  );
  const found: Record<string, string> = {};
  for (let index = 0; index < flags.length; index += 1) {
    const [name = '', inline] = splitFlag(flags[index] ?? '');
    const env = byFlag.get(name);
    const value = inline ?? flags[(index += 1)];
    if (env === undefined || value === undefined) problems.push(`${name}: ${env ? 'needs a value' : 'unknown flag'}`);
    else found[env] = value;
  }
  return found;
}

function splitFlag(text: string): [string, string | undefined] {
  const equals = text.indexOf('=');
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}

/** The join token, from the setting or its file. @throws Fault badInput when the file cannot be read. */
export function readJoinToken(config: Pick<AgentConfig, 'joinToken' | 'joinTokenFile'>): string | undefined {
  if (config.joinToken !== undefined || config.joinTokenFile === undefined) return config.joinToken;
  try {
    return readFileSync(config.joinTokenFile, 'utf8').trim();
  } catch (cause) {
    throw new Fault('badInput', `the join token file ${config.joinTokenFile} cannot be read`, undefined, { cause });
  }
}

/** What `--help` prints. */
export function printHelp(): string {
  const lines = Object.values<Setting<unknown>>(agentSettings).map((setting) => {
    const fallback = setting.default ? ` (${setting.default})` : '';
    return `  ${(flagOf(setting) ?? '').padEnd(22)}${setting.env.padEnd(36)}${setting.doc}${fallback}`;
  });
  return [
    'Usage: flotilla-agent [flags]',
    '',
    'Pulls and applies the desired state of one cluster.',
    '',
    ...lines,
    '',
  ].join('\n');
}
