import type { Digest, JsonObject } from '../json/index.js';

export type ConflictRule = 'fail' | 'force';
export type AdoptRule = 'never' | 'ifEqual' | 'force';
export type DriftRule = 'correct' | 'report';
export type ExtraFieldsRule = 'remove' | 'keep';
export type OnDelete = 'ask' | 'orphan' | 'prune';
export type AppMode = 'manage' | 'observe';

/** Objects a rule is about; what is left out matches everything. */
export interface ObjectSelector {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
}

/** Paths of which the live value is left to whoever owns it. */
export interface IgnoreRule extends ObjectSelector {
  readonly jsonPointers: readonly string[];
  readonly fieldManagers: readonly string[];
}

/** CEL health rules of one kind: `current` true means healthy, `failed` true means failed for good. */
export interface HealthCheck {
  readonly apiVersion: string;
  readonly kind: string;
  readonly current: string;
  readonly failed?: string;
}

/**
 * How an app is applied and judged on a target. Canonical: every field is there with its default filled in, so that equal
 * policies have equal digests. It travels in waves like content does.
 */
export interface Policy {
  readonly namespace: string;
  readonly createNamespace: boolean;
  /** Empty: the agent's own account. */
  readonly serviceAccount: string;
  readonly mode: AppMode;
  readonly apply: {
    readonly conflict: ConflictRule;
    readonly adopt: { readonly when: AdoptRule; readonly from: readonly string[] };
  };
  readonly drift: {
    readonly policy: DriftRule;
    readonly ignore: readonly IgnoreRule[];
    readonly extraFields: ExtraFieldsRule;
  };
  readonly health: { readonly checks: readonly HealthCheck[]; readonly failFast: boolean };
  readonly budget: {
    readonly maxDeletes: { readonly objects: number; readonly percent: number };
    /** Kinds whose deletion always waits for an approval. */
    readonly confirm: readonly string[];
  };
  readonly onDelete: OnDelete;
  /** Apps of the same cluster that must be healthy first. */
  readonly dependsOn: readonly string[];
  /** Former names of the app: their inventories are taken over. */
  readonly formerly: readonly string[];
}

/** A policy as stored and sent: its canonical JSON and that text's SHA-256. */
export interface StoredPolicy {
  readonly digest: Digest;
  readonly body: JsonObject;
}
