import type { AppInForce, FleetDefinitions } from '@flotilla/domain';

/** An app as the database has it. */
export interface StoredApp extends AppInForce {
  readonly id: number;
  readonly name: string;
  readonly life: 'active' | 'leaving' | 'gone';
  readonly lastNumber: number;
  readonly newestRelease: number | undefined;
  /** Commit of the app's source at which it was last good. */
  readonly goodCommit: string;
  readonly namespace: string;
  readonly project: string;
  readonly strategy: string;
  readonly frozenBecause: string;
}

/** What was last saved of the fleet: the leader's memory of its own tables. */
export interface FleetInForce {
  /** Undefined before the first revision. */
  readonly definitions: FleetDefinitions | undefined;
  readonly revision: number | undefined;
  readonly snapshot: number;
  /** Commits of the newest snapshot by source. */
  readonly commits: Readonly<Record<string, string>>;
  readonly apps: ReadonlyMap<string, StoredApp>;
}
