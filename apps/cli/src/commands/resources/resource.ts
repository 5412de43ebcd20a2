import type { Api } from '../../api/client.js';
import type { Column } from '../../output/table.js';
import type { Session } from '../../session.js';

/** Options of `get` that narrow what is shown. */
export interface Filters {
  readonly selector?: string;
  readonly cluster?: string;
  readonly app?: string;
  readonly project?: string;
  readonly unhealthy?: boolean;
  readonly open?: boolean;
}

export interface ReadOptions extends Filters {
  readonly after: string | undefined;
  readonly limit: number;
}

export interface Look {
  readonly now: number;
  readonly paint: Session['paint'];
}

/** What `get` can show: how it is read, and which columns it has. */
export interface Resource<T> {
  readonly names: readonly string[];
  /** Those the API takes; others follow from the members below, or are refused. */
  readonly filters: readonly (keyof Filters)[];
  /** Apps that a row is about. */
  readonly appsOf?: (row: T) => readonly string[];
  /** Clusters that a row is about. */
  readonly clustersOf?: (row: T) => readonly string[];
  readonly isUnhealthy?: (row: T) => boolean;
  readonly read: (api: Api, options: ReadOptions) => Promise<{ items: T[]; next: string | null }>;
  readonly nameOf: (row: T) => string;
  /** `look.now` is read when a cell is printed. */
  readonly columns: (look: Look) => readonly Column<T>[];
}

/** Keeps the row's type inside its resource. */
export function resource<T>(definition: Resource<T>): Resource<unknown> {
  return definition as Resource<unknown>;
}

/** Members that are not undefined: query parameters that were given. */
export function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}
