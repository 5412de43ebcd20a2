import type { JsonObject } from '../json/index.js';
import type { AppMode, ObjectSelector, OnDelete, Policy } from '../policy/index.js';
import type { Place } from '../problem/index.js';
import type { Selector } from '../selectors/index.js';
import type { ClusterChoice } from './cluster-choice.js';

export const API_VERSION = 'flotilla.dev/v1alpha1';

/** The project of apps outside every project's paths. */
export const DEFAULT_PROJECT = 'default';

export type DefinitionKind = 'App' | 'RolloutStrategy' | 'ClusterGroup' | 'Cluster' | 'Source' | 'Window' | 'Project';

/** What every definition has. Definitions are plain JSON: what was left out and has no default is absent. */
export interface DefinitionHead {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Where its document begins. */
  readonly place: Place;
}

export interface ChartReference {
  readonly repo: string;
  readonly name: string;
  readonly version: string;
}

export interface ValuesFile {
  readonly path: string;
  readonly optional: boolean;
}

export interface JsonPatchOperation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: JsonObject[string];
}

/** A change of rendered objects: JSON 6902 operations or an RFC 7396 merge patch. */
export type ContentPatch =
  | { readonly type: 'json6902'; readonly target: ObjectSelector; readonly operations: readonly JsonPatchOperation[] }
  | { readonly type: 'merge'; readonly target: ObjectSelector; readonly merge: JsonObject };

/** What differs on the clusters it chooses. */
export interface AppOverride {
  readonly name: string;
  readonly choice: ClusterChoice;
  readonly path?: string;
  readonly values?: JsonObject;
  readonly patches: readonly ContentPatch[];
  readonly substitute: Readonly<Record<string, string>>;
}

/** An app with every default filled in. Texts may still hold `${cluster.…}`: see `resolveApp`. */
export interface AppDefinition extends DefinitionHead {
  readonly kind: 'App';
  readonly project: string;
  /** Name of a `Source`; absent: the fleet source itself. */
  readonly source?: string;
  /** Folder inside the source, `/` between names, without a slash at either end; empty: the root. */
  readonly path: string;
  readonly chart?: ChartReference;
  readonly valuesFiles: readonly ValuesFile[];
  readonly values: JsonObject;
  readonly namespace: string;
  readonly createNamespace: boolean;
  /** Any of them. */
  readonly targets: readonly ClusterChoice[];
  readonly except: readonly ClusterChoice[];
  /** Each match applies, in this order. */
  readonly overrides: readonly AppOverride[];
  readonly substitute: Readonly<Record<string, string>>;
  /** Name of a `RolloutStrategy`; absent: `DEFAULT_STRATEGY`. */
  readonly strategy?: string;
  readonly dependsOn: readonly string[];
  /** Empty: the agent's own account. */
  readonly serviceAccount: string;
  readonly mode: AppMode;
  readonly apply: Policy['apply'];
  readonly drift: Policy['drift'];
  readonly health: Policy['health'];
  readonly budget: Policy['budget'];
  readonly onDelete: OnDelete;
  readonly formerly: readonly string[];
  readonly allowEmpty: boolean;
}

/** A number of targets, or a whole percentage of the wave's targets. */
export type Amount = { readonly count: number } | { readonly percent: number };

export interface Wave {
  readonly name: string;
  /** Absent: every target that no earlier wave took. */
  readonly choice?: ClusterChoice;
  readonly soakMs: number;
  readonly approval: 'none' | 'required';
  /** At least 1. */
  readonly maxConcurrent: Amount;
  readonly maxFailures: Amount;
  /** Names of `Window`s that must be open to enter the wave. */
  readonly windows: readonly string[];
}

/** How a release moves through an app's targets. */
export interface StrategyDefinition extends DefinitionHead {
  readonly kind: 'RolloutStrategy';
  /** At least one, names distinct. */
  readonly waves: readonly Wave[];
  /** Per target. */
  readonly deadlineMs: number;
  readonly onFailure: { readonly do: 'halt' | 'rollback'; readonly scope: 'wave' | 'all' };
  readonly offline: 'catchUp' | 'wait' | 'fail';
  /** Never 0. */
  readonly minHealthy: Amount;
}

/** Labels and values of an enrolled cluster, kept in Git. */
export interface ClusterDefinition extends DefinitionHead {
  readonly kind: 'Cluster';
  readonly values: JsonObject;
}

export interface GroupDefinition extends DefinitionHead {
  readonly kind: 'ClusterGroup';
  readonly selector: Selector;
}

export type SourceRef = { readonly branch: string } | { readonly tag: string } | { readonly commit: string };

export interface SourceDefinition extends DefinitionHead {
  readonly kind: 'Source';
  readonly url: string;
  readonly ref: SourceRef;
  /** Name of credentials in the hub's own configuration. */
  readonly credentials?: string;
  readonly intervalMs: number;
  /** Keys that must have signed the commit; none: signatures are not checked. */
  readonly verifyKeys: readonly string[];
  /** Any problem of a revision freezes all of it. */
  readonly strict: boolean;
}

/** Opens at each match of the cron text in its time zone and stays open for the duration. */
export interface WindowSpan {
  readonly cron: string;
  readonly durationMs: number;
  readonly timeZone: string;
}

/** Open when an `allow` span is (or there is none) and no `deny` span is. */
export interface WindowDefinition extends DefinitionHead {
  readonly kind: 'Window';
  readonly allow: readonly WindowSpan[];
  readonly deny: readonly WindowSpan[];
  /** Clusters it is about; absent: every cluster of a wave that names the window. */
  readonly selector?: Selector;
  /** Apps it is about; empty: every app. */
  readonly apps: readonly string[];
}

export interface ProjectDefaults {
  readonly targets: readonly ClusterChoice[];
  readonly strategy?: string;
  readonly serviceAccount?: string;
}

/** A tenant. Lists of names hold patterns (`shop-*`); an empty list allows nothing. */
export interface ProjectDefinition extends DefinitionHead {
  readonly kind: 'Project';
  readonly paths: readonly string[];
  readonly sources: readonly string[];
  /** Absent: no cluster. */
  readonly clusters?: ClusterChoice;
  readonly namespaces: readonly string[];
  /** Cluster-scoped kinds that its apps may hold. */
  readonly clusterScoped: readonly string[];
  readonly serviceAccounts: readonly string[];
  readonly defaults: ProjectDefaults;
  readonly roles: readonly { readonly role: 'viewer' | 'operator' | 'admin'; readonly group: string }[];
}

export type Definition =
  | AppDefinition
  | StrategyDefinition
  | ClusterDefinition
  | GroupDefinition
  | SourceDefinition
  | WindowDefinition
  | ProjectDefinition;

/** All definitions of a fleet revision by kind and name. Plain JSON. */
export interface FleetDefinitions {
  readonly apps: Readonly<Record<string, AppDefinition>>;
  readonly strategies: Readonly<Record<string, StrategyDefinition>>;
  readonly clusters: Readonly<Record<string, ClusterDefinition>>;
  readonly groups: Readonly<Record<string, GroupDefinition>>;
  readonly sources: Readonly<Record<string, SourceDefinition>>;
  readonly windows: Readonly<Record<string, WindowDefinition>>;
  readonly projects: Readonly<Record<string, ProjectDefinition>>;
}

export const NO_DEFINITIONS: FleetDefinitions = {
  apps: {},
  strategies: {},
  clusters: {},
  groups: {},
  sources: {},
  windows: {},
  projects: {},
};

/** The strategy of apps that name none: one wave over all targets, a quarter at a time, no failure allowed. */
export const DEFAULT_STRATEGY: StrategyDefinition = {
  kind: 'RolloutStrategy',
  name: 'default',
  labels: {},
  place: { file: '', line: 0, column: 0 },
  waves: [
    {
      name: 'all',
      soakMs: 0,
      approval: 'none',
      maxConcurrent: { percent: 25 },
      maxFailures: { count: 0 },
      windows: [],
    },
  ],
  deadlineMs: 15 * 60_000,
  onFailure: { do: 'halt', scope: 'wave' },
  offline: 'catchUp',
  minHealthy: { percent: 50 },
};
