import { join } from 'node:path';
import type { Setting } from './config-schema.js';
import { hubSettings } from './config-schema.js';
import { HUB_VERSION } from './hub-version.js';

type Settings = typeof hubSettings;
type Value<S> = S extends Setting<infer T> ? T : never;
type Always =
  | 'databaseUrl'
  | 'databasePool'
  | 'dataDir'
  | 'hubKeyFile'
  | 'adminTokenFile'
  | 'httpListen'
  | 'joinListen'
  | 'agentsListen'
  | 'peerListen'
  | 'fleetUrl'
  | 'fleetRef'
  | 'fleetStrict'
  | 'pollIntervalMs'
  | 'heartbeatMs'
  | 'leaseMs'
  | 'selectorFacts'
  | 'historyMs'
  | 'rolloutHistoryMs'
  | 'auditHistoryMs'
  | 'removalWindowMs'
  | 'agentImage'
  | 'logLevel';

/** The hub's configuration, read and checked. Injected by this class; nothing else reads the environment. */
export type HubSettings = { readonly [K in keyof Settings as K extends Always ? K : never]: Value<Settings[K]> } & {
  readonly [K in keyof Settings as K extends Always ? never : K]?: Value<Settings[K]>;
};

export class HubConfig {
  constructor(readonly settings: HubSettings) {}
}

/**
 * Reads the configuration from environment variables. Unknown `FLOTILLA_*` variables are refused: a typo must not
 * silently mean a default.
 * @throws Error with every problem, one per line, never with a secret's value.
 */
export function readHubConfig(environment: Readonly<Record<string, string | undefined>>): HubConfig {
  const problems: string[] = unknownVariables(environment).map((name) => `${name}: unknown setting`);
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting<unknown>>(hubSettings)) {
    readSetting(setting, environment[setting.env], { key, values, problems });
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
  return new HubConfig(withPlaces(values as unknown as HubSettings));
}

interface Target {
  readonly key: string;
  readonly values: Record<string, unknown>;
  readonly problems: string[];
}

function readSetting(setting: Setting<unknown>, given: string | undefined, target: Target): void {
  const text = given === undefined || given === '' ? setting.default : given;
  if (text === undefined) {
    if (setting.required) target.problems.push(`${setting.env}: must be set. ${setting.doc}`);
    return;
  }
  try {
    target.values[target.key] = setting.read(text);
  } catch (error) {
    const why = setting.secret ? 'has an invalid value' : (error as Error).message;
    target.problems.push(`${setting.env}: ${why}`);
  }
}

function unknownVariables(environment: Readonly<Record<string, string | undefined>>): string[] {
  const known = new Set<string>(Object.values(hubSettings).map((setting) => setting.env));
  return Object.keys(environment).filter(
    (name) => name.startsWith('FLOTILLA_') && !name.startsWith('FLOTILLA_AGENT_') && !known.has(name),
  );
}

function withPlaces(settings: HubSettings): HubSettings {
  const place = (path: string): string => path.replace('<data dir>', settings.dataDir);
  return {
    ...settings,
    hubKeyFile: join(place(settings.hubKeyFile)),
    adminTokenFile: join(place(settings.adminTokenFile)),
    agentImage: settings.agentImage.replace('<version>', HUB_VERSION),
  };
}
