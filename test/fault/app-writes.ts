import type { ApiCall, ClusterApi } from '@flotilla/testing';

/** Where the agent keeps its own things. */
const OWN = 'flotilla-system';

/** Calls of the agent that changed (or tried to change) something that is not its own, in order of their time. */
export function appWrites(api: ClusterApi): ApiCall[] {
  return api.calls.all.filter(
    ({ method, dryRun, namespace, group, path }) =>
      method !== 'GET' &&
      !dryRun &&
      namespace !== OWN &&
      !group.startsWith('authorization') &&
      !path.endsWith(`/namespaces/${OWN}`),
  );
}

/** Writes that the API server took, as `verb resource/namespace/name`. */
export function takenWrites(api: ClusterApi): string[] {
  return appWrites(api)
    .filter(({ status }) => status >= 200 && status < 300)
    .map(({ verb, resource, namespace, name }) => `${verb} ${resource}/${namespace}/${name}`);
}

export function count(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
