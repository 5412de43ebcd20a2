import { drift } from './drift.resource.js';
import { apps, clusters, targets } from './fleet.resources.js';
import { problems, releases, sources } from './git.resources.js';
import { approvals, audit, joinTokens, removals, tokens } from './people.resources.js';
import type { Resource } from './resource.js';
import { rollouts } from './rollouts.resource.js';
import { windows } from './windows.resource.js';

export { allOf, narrowRows, takesFilter } from './narrow-rows.js';
export type { Filters, Look, ReadOptions, Resource } from './resource.js';

export const resources: readonly Resource<unknown>[] = [
  clusters,
  apps,
  targets,
  releases,
  rollouts,
  sources,
  problems,
  drift,
  removals,
  windows,
  approvals,
  tokens,
  joinTokens,
  audit,
];
