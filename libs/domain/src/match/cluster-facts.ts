import type { JsonObject } from '../json/index.js';

/** What is known of an enrolled cluster when targets are matched and definitions are resolved. */
export interface ClusterFacts {
  readonly id: number;
  readonly name: string;
  /** Effective labels: see `effectiveLabels`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly values: JsonObject;
}
