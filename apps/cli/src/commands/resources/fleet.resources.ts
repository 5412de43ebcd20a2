import type { Schemas } from '../../api/client.js';
import { bodyOf } from '../../api/client.js';
import { printAge } from '../../output/age.js';
import { paintState } from '../../output/paint.js';
import { printCommit, printLabels, printNumber } from '../../output/words.js';
import { printCounts } from '../print-counts.js';
import { given, resource } from './resource.js';

function isUnhealthy(states: Readonly<Record<string, number>>): boolean {
  return Object.keys(states).some((state) => state !== 'healthy');
}

export const clusters = resource<Schemas['ClusterDto']>({
  names: ['clusters', 'cluster'],
  filters: ['selector'],
  clustersOf: ({ name }) => [name],
  isUnhealthy: ({ state, targets: states }) => state !== 'connected' || isUnhealthy(states),
  read: (api, { selector, after, limit }) =>
    bodyOf(api.GET('/api/v1/clusters', { params: { query: { limit, ...given({ selector, after }) } } })),
  nameOf: ({ name }) => name,
  columns: (look) => [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'STATE', of: ({ state }) => paintState(look.paint, state) },
    { title: 'APPS', of: ({ targets }) => printCounts(targets, look.paint) },
    { title: 'SEEN', of: ({ lastSeenAt }) => printAge(lastSeenAt, look.now) },
    { title: 'LAST REPORT', of: ({ lastReportAt }) => printAge(lastReportAt, look.now) },
    {
      title: 'LABELS',
      of: ({ labels }) => printLabels(labels),
    },
    { title: 'DESIRED', of: ({ desiredVersion }) => desiredVersion, wide: true },
    { title: 'HELD', of: ({ heldVersion }) => heldVersion, wide: true },
    { title: 'AGENT', of: ({ agentVersion }) => agentVersion ?? '-', wide: true },
    { title: 'KUBERNETES', of: ({ facts }) => facts['kubernetes'] ?? '-', wide: true },
  ],
});

export const apps = resource<Schemas['AppDto']>({
  names: ['apps', 'app'],
  filters: ['selector'],
  appsOf: ({ name }) => [name],
  isUnhealthy: ({ targets: states }) => isUnhealthy(states),
  read: (api, { selector, after, limit }) =>
    bodyOf(api.GET('/api/v1/apps', { params: { query: { limit, ...given({ selector, after }) } } })),
  nameOf: ({ name }) => name,
  columns: (look) => [
    { title: 'NAME', of: ({ name }) => name },
    {
      title: 'RELEASE',
      of: ({ release: newest }) => (newest ? `#${newest.number} ${printCommit(newest.commit)}` : '-'),
    },
    { title: 'ROLLOUT', of: ({ rollout }) => (rollout ? paintState(look.paint, rollout.state) : '-') },
    { title: 'TARGETS', of: ({ targets }) => printCounts(targets, look.paint) },
    { title: 'AGE', of: ({ release: newest }) => printAge(newest?.createdAt, look.now) },
    { title: 'SUBJECT', of: ({ release: newest }) => (newest ? `${newest.subject} (${newest.author})` : '-') },
    { title: 'FROZEN', of: ({ frozenBecause }) => frozenBecause || '-', wide: true },
    { title: 'STRATEGY', of: ({ strategy }) => strategy || 'default', wide: true },
    { title: 'NAMESPACE', of: ({ namespace }) => namespace, wide: true },
  ],
});

export const targets = resource<Schemas['TargetDto']>({
  names: ['targets', 'target'],
  filters: ['selector', 'app', 'cluster', 'unhealthy'],
  appsOf: ({ app }) => [app],
  read: (api, { selector, app, cluster, unhealthy, after, limit }) =>
    bodyOf(
      api.GET('/api/v1/targets', {
        params: { query: { limit, ...given({ selector, app, cluster, unhealthy, after }) } },
      }),
    ),
  nameOf: ({ app, cluster }) => `${app}/${cluster}`,
  columns: (look) => [
    { title: 'APP', of: ({ app }) => app },
    { title: 'CLUSTER', of: ({ cluster }) => cluster },
    { title: 'STATE', of: ({ state }) => paintState(look.paint, state) },
    { title: 'DESIRED', of: ({ desiredRelease }) => printNumber(desiredRelease) },
    { title: 'ALLOWED', of: ({ allowedRelease }) => printNumber(allowedRelease) },
    { title: 'APPLIED', of: ({ appliedRelease }) => printNumber(appliedRelease) },
    { title: 'READY', of: ({ objectsReady, objects }) => `${objectsReady}/${objects}` },
    { title: 'OBSERVED', of: ({ observedAt }) => printAge(observedAt, look.now) },
    { title: 'REASON', of: ({ problems, lifeBecause }) => problems[0]?.code ?? (lifeBecause || '-') },
    { title: 'BUNDLE', of: ({ bundle }) => bundle ?? '-', wide: true },
    { title: 'MATCHED BY', of: ({ matchedBy }) => matchedBy, wide: true },
  ],
});
