import type { Schemas } from '../../api/client.js';
import { bodyOf } from '../../api/client.js';
import { printAge, printSpan } from '../../output/age.js';
import type { Paint } from '../../output/paint.js';
import { printRef } from '../../output/words.js';
import { given, resource } from './resource.js';

export type DriftRecord = Schemas['DriftRecordDto'];

export const drift = resource<DriftRecord>({
  names: ['drift', 'drifts'],
  filters: ['selector', 'app', 'cluster', 'open'],
  appsOf: ({ app }) => [app],
  isUnhealthy: ({ state }) => state !== 'healed' && state !== 'gone',
  read: (api, { selector, app, cluster, open, after, limit }) =>
    bodyOf(
      api.GET('/api/v1/drifts', { params: { query: { limit, ...given({ selector, app, cluster, open, after }) } } }),
    ),
  nameOf: ({ id }) => id,
  columns: (look) => [
    { title: 'APP', of: ({ app }) => app },
    { title: 'CLUSTER', of: ({ cluster }) => cluster },
    { title: 'OBJECT', of: ({ ref }) => printRef(ref) },
    { title: 'FIELD', of: ({ kind, field }) => (kind === 'deleted' ? 'deleted' : field) },
    { title: 'BY', of: printAuthor },
    { title: 'SEEN', of: ({ seenAt }) => printAge(seenAt, look.now) },
    { title: 'STATE', of: (row) => printDriftState(row, look.paint) },
    { title: 'WANTED', of: ({ wanted }) => wanted || '-', wide: true },
    { title: 'LIVE', of: ({ live }) => live || '-', wide: true },
  ],
});

/** Field manager that made the change. Of a deletion nobody knows, unless the API server's audit log says. */
export function printAuthor({ manager }: DriftRecord): string {
  return manager === '' ? 'unknown' : manager;
}

/** `healed after 80ms`, `contested`, `open`. */
export function printDriftState({ state, seenAt, endedAt }: DriftRecord, paint: Paint): string {
  if (state !== 'healed' && state !== 'gone') return paint('yellow', state);
  if (endedAt === null) return state;
  const ms = Math.max(0, Date.parse(endedAt) - Date.parse(seenAt));
  return `${state} after ${ms < 1_000 ? `${ms}ms` : printSpan(ms)}`;
}
