import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { printAge } from '../output/age.js';
import { paintState } from '../output/paint.js';
import type { Look, Resource } from './get.command.js';
import { printCounts } from './print-counts.js';

/** Keeps the row's type inside its resource. */
function resource<T>(definition: Resource<T>): Resource<unknown> {
  return definition as Resource<unknown>;
}

const short = (commit: string | null | undefined): string => (commit ?? '').slice(0, 7) || '-';
const release = (number: number | null): string => (number === null ? '-' : `#${number}`);

const clusters = resource<Schemas['ClusterDto']>({
  names: ['clusters', 'cluster'],
  read: (api, { selector, after, limit }) =>
    bodyOf(api.GET('/api/v1/clusters', { params: { query: { limit, ...given({ selector, after }) } } })),
  nameOf: ({ name }) => name,
  columns: ({ now, paint }: Look) => [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'STATE', of: ({ state }) => paintState(paint, state) },
    { title: 'APPS', of: ({ targets }) => printCounts(targets, paint) },
    { title: 'SEEN', of: ({ lastSeenAt }) => printAge(lastSeenAt, now) },
    { title: 'LAST REPORT', of: ({ lastReportAt }) => printAge(lastReportAt, now) },
    {
      title: 'LABELS',
      of: ({ labels }) =>
        Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(','),
    },
    { title: 'DESIRED', of: ({ desiredVersion }) => desiredVersion, wide: true },
    { title: 'HELD', of: ({ heldVersion }) => heldVersion, wide: true },
    { title: 'AGENT', of: ({ agentVersion }) => agentVersion ?? '-', wide: true },
    { title: 'KUBERNETES', of: ({ facts }) => facts['kubernetesVersion'] ?? '-', wide: true },
  ],
});

const apps = resource<Schemas['AppDto']>({
  names: ['apps', 'app'],
  read: (api, { selector, after, limit }) =>
    bodyOf(api.GET('/api/v1/apps', { params: { query: { limit, ...given({ selector, after }) } } })),
  nameOf: ({ name }) => name,
  columns: ({ now, paint }) => [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'RELEASE', of: ({ release: newest }) => (newest ? `#${newest.number} ${short(newest.commit)}` : '-') },
    { title: 'ROLLOUT', of: ({ rollout }) => (rollout ? paintState(paint, rollout.state) : '-') },
    { title: 'TARGETS', of: ({ targets }) => printCounts(targets, paint) },
    { title: 'AGE', of: ({ release: newest }) => printAge(newest?.createdAt, now) },
    { title: 'SUBJECT', of: ({ release: newest }) => (newest ? `${newest.subject} (${newest.author})` : '-') },
    { title: 'FROZEN', of: ({ frozenBecause }) => frozenBecause || '-', wide: true },
    { title: 'STRATEGY', of: ({ strategy }) => strategy || 'default', wide: true },
    { title: 'NAMESPACE', of: ({ namespace }) => namespace, wide: true },
  ],
});

const targets = resource<Schemas['TargetDto']>({
  names: ['targets', 'target'],
  read: (api, { selector, app, cluster, unhealthy, after, limit }) =>
    bodyOf(
      api.GET('/api/v1/targets', {
        params: { query: { limit, ...given({ selector, app, cluster, unhealthy, after }) } },
      }),
    ),
  nameOf: ({ app, cluster }) => `${app}/${cluster}`,
  columns: ({ now, paint }) => [
    { title: 'APP', of: ({ app }) => app },
    { title: 'CLUSTER', of: ({ cluster }) => cluster },
    { title: 'STATE', of: ({ state }) => paintState(paint, state) },
    { title: 'DESIRED', of: ({ desiredRelease }) => release(desiredRelease) },
    { title: 'ALLOWED', of: ({ allowedRelease }) => release(allowedRelease) },
    { title: 'APPLIED', of: ({ appliedRelease }) => release(appliedRelease) },
    { title: 'READY', of: ({ objectsReady, objects }) => `${objectsReady}/${objects}` },
    { title: 'OBSERVED', of: ({ reportedAt }) => printAge(reportedAt, now) },
    { title: 'REASON', of: ({ problems, lifeBecause }) => problems[0]?.code ?? (lifeBecause || '-') },
    { title: 'BUNDLE', of: ({ bundle }) => bundle ?? '-', wide: true },
    { title: 'MATCHED BY', of: ({ matchedBy }) => matchedBy, wide: true },
  ],
});

const releases = resource<Schemas['ReleaseDto']>({
  names: ['releases', 'release'],
  read: (api, { app, after, limit }) =>
    bodyOf(api.GET('/api/v1/releases', { params: { query: { limit, ...given({ app, after }) } } })),
  nameOf: ({ app, number }) => `${app}/${number}`,
  columns: ({ now }) => [
    { title: 'APP', of: ({ app }) => app },
    { title: 'RELEASE', of: ({ number }) => `#${number}` },
    { title: 'COMMIT', of: ({ commit }) => short(commit) },
    { title: 'CLUSTERS', of: (row) => String(row.clusters) },
    { title: 'AGE', of: ({ createdAt }) => printAge(createdAt, now) },
    { title: 'SUBJECT', of: ({ subject, author }) => `${subject} (${author})` },
  ],
});

const sources = resource<Schemas['SourceDto']>({
  names: ['sources', 'source'],
  read: (api) => bodyOf(api.GET('/api/v1/sources')),
  nameOf: ({ name }) => name,
  columns: ({ now, paint }) => [
    { title: 'NAME', of: ({ name }) => name },
    {
      title: 'STATE',
      of: ({ failingSince }) => (failingSince ? paint('red', `failing ${printAge(failingSince, now)}`) : 'ok'),
    },
    { title: 'REF', of: ({ ref }) => ref },
    { title: 'COMMIT', of: ({ commit }) => short(commit) },
    { title: 'MOVED', of: ({ movedAt }) => printAge(movedAt, now) },
    { title: 'CHECKED', of: ({ checkedAt }) => printAge(checkedAt, now) },
    { title: 'SUBJECT', of: ({ subject, author }) => (subject ? `${subject} (${author})` : '-') },
    { title: 'URL', of: ({ url }) => url, wide: true },
    { title: 'FAILURE', of: ({ failure }) => failure || '-', wide: true },
  ],
});

const problems = resource<Schemas['ProblemDto']>({
  names: ['problems', 'problem'],
  read: (api, { app, after, limit }) =>
    bodyOf(api.GET('/api/v1/problems', { params: { query: { limit, ...given({ subject: app, after }) } } })),
  nameOf: ({ id }) => id,
  columns: ({ now, paint }) => [
    { title: 'SEVERITY', of: ({ severity }) => paintState(paint, severity) },
    { title: 'WHAT', of: ({ subjectKind, subjectName }) => `${subjectKind} ${subjectName}` },
    { title: 'PLACE', of: ({ file, line }) => (file ? `${file}:${line}` : '-') },
    {
      title: 'MESSAGE',
      of: ({ field, message }) => (field && !message.includes(field) ? `${field}: ${message}` : message),
    },
    { title: 'DO', of: ({ hint }) => hint || '-' },
    { title: 'SINCE', of: ({ since }) => printAge(since, now) },
    { title: 'COMMIT', of: ({ commit }) => short(commit), wide: true },
    { title: 'CODE', of: ({ code }) => code, wide: true },
  ],
});

const drift = resource<Schemas['TargetDto']>({
  names: ['drift'],
  read: async (api, { selector, app, cluster, after, limit }) => {
    const page = await bodyOf(
      api.GET('/api/v1/targets', { params: { query: { limit, ...given({ selector, app, cluster, after }) } } }),
    );
    return { ...page, items: page.items.filter(({ drifts }) => drifts.length > 0) };
  },
  nameOf: ({ app, cluster }) => `${app}/${cluster}`,
  columns: ({ now }) => [
    { title: 'APP', of: ({ app }) => app },
    { title: 'CLUSTER', of: ({ cluster }) => cluster },
    { title: 'DRIFTED', of: ({ drifted }) => String(drifted) },
    { title: 'NEWEST', of: ({ drifts }) => describeDrift(drifts[0]) },
    { title: 'OBSERVED', of: ({ reportedAt }) => printAge(reportedAt, now) },
  ],
});

function describeDrift(item: Schemas['DriftDto'] | undefined): string {
  if (!item) return '-';
  const { ref, kind, field, manager, healed } = item;
  const what = kind === 'deleted' ? 'deleted' : `${field} by ${manager || 'unknown'}`;
  return `${ref.kind} ${ref.namespace ? `${ref.namespace}/` : ''}${ref.name}: ${what}${healed ? ', healed' : ''}`;
}

const tokens = resource<Schemas['TokenDto']>({
  names: ['tokens', 'token'],
  read: (api) => bodyOf(api.GET('/api/v1/tokens')),
  nameOf: ({ name }) => name,
  columns: ({ now }) => [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'ROLE', of: ({ role }) => role },
    { title: 'AGE', of: ({ createdAt }) => printAge(createdAt, now) },
    { title: 'USED', of: ({ usedAt }) => printAge(usedAt, now) },
    { title: 'EXPIRES', of: ({ expiresAt }) => expiresAt ?? 'never' },
    { title: 'BY', of: ({ createdBy }) => createdBy },
  ],
});

const audit = resource<Schemas['AuditDto']>({
  names: ['audit'],
  read: (api, { after, limit }) =>
    bodyOf(api.GET('/api/v1/audit', { params: { query: { limit, ...given({ after }) } } })),
  nameOf: ({ id }) => id,
  columns: ({ now, paint }) => [
    { title: 'AGE', of: ({ at }) => printAge(at, now) },
    { title: 'WHO', of: ({ actor }) => actor },
    { title: 'DID', of: ({ action }) => action },
    { title: 'TO', of: ({ subject }) => subject },
    { title: 'OUTCOME', of: ({ outcome }) => (outcome === 'refused' ? paint('red', outcome) : outcome) },
    { title: 'REASON', of: ({ reason }) => reason || '-' },
  ],
});

/** Members that are not undefined: query parameters that were given. */
function given<T extends object>(members: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never;
}

export const resources: readonly Resource<unknown>[] = [
  clusters,
  apps,
  targets,
  releases,
  sources,
  problems,
  drift,
  tokens,
  audit,
];
