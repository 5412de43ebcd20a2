import type { FleetDefinitions, FreezeOptions, FrozenItem, ParsedFleet } from '../definitions/index.js';
import { NO_DEFINITIONS, freezeFleet } from '../definitions/index.js';
import type { Problem } from '../problem/index.js';

/** What of a revision is in force, and what is wrong with the rest. */
export interface SettledFleet {
  readonly effective: FleetDefinitions;
  readonly frozen: readonly FrozenItem[];
  readonly problems: readonly Problem[];
  /** Documents of the revision, for the places of what is found later. */
  readonly documents: ParsedFleet['documents'];
}

/**
 * Freezes what a bad revision concerns, and keeps the last labels of clusters whose document vanished: that is listed for a
 * decision (design: Git API).
 */
export function settleDefinitions(
  previous: FleetDefinitions | undefined,
  revision: ParsedFleet,
  options: FreezeOptions,
): SettledFleet {
  const parsed = previous === undefined ? revision : doubtEmpty(previous, revision);
  const { effective, frozen, removed } = freezeFleet(previous, parsed, options);
  const before = previous ?? NO_DEFINITIONS;
  const vanished = removed.flatMap(({ kind, name }) => (kind === 'Cluster' ? (before.clusters[name] ?? []) : []));
  const clusters = { ...effective.clusters, ...Object.fromEntries(vanished.map((item) => [item.name, item])) };
  const kept = vanished.map(({ kind, name }): FrozenItem => {
    return {
      kind,
      name,
      reason: 'notProvenGone',
      because: 'its document is gone, its last labels stay',
      lastGood: true,
    };
  });
  return {
    effective: vanished.length === 0 ? effective : { ...effective, clusters },
    frozen: [...frozen, ...kept],
    problems: [...parsed.problems, ...vanished.map(vanishedProblem)],
    documents: parsed.documents,
  };
}

/** A revision that defines nothing at all after one that did is a wrong branch or an emptied repository, not a wish. */
function doubtEmpty(previous: FleetDefinitions, parsed: ParsedFleet): ParsedFleet {
  const defined = Object.values(previous).some((items: object) => Object.keys(items).length > 0);
  if (!defined || parsed.documents.size > 0 || parsed.problems.length > 0) return parsed;
  const problem: Problem = {
    code: 'noObjects',
    severity: 'error',
    subject: { kind: 'Fleet', name: '' },
    place: { file: '', line: 0, column: 0 },
    field: '',
    message: 'the fleet source defines nothing any more: no flotilla.yaml, and no *.yaml under fleet/',
    hint: 'Revert the commit, or let the hub follow the branch that holds the fleet.',
  };
  return { ...parsed, problems: [problem] };
}

function vanishedProblem({ name, place }: { name: string; place: Problem['place'] }): Problem {
  return {
    code: 'unknownReference',
    severity: 'warning',
    subject: { kind: 'Cluster', name },
    place,
    field: '',
    message: `the document of cluster "${name}" is gone; its last labels and values stay`,
    hint: `Put it back, or remove the cluster: flotilla cluster remove ${name}.`,
  };
}
