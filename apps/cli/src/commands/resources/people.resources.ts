import type { Schemas } from '../../api/client.js';
import { bodyOf } from '../../api/client.js';
import { printAge } from '../../output/age.js';
import { clean } from '../../output/table.js';
import { printNumber, printRef } from '../../output/words.js';
import { given, resource } from './resource.js';

export const removals = resource<Schemas['RemovalDto']>({
  names: ['removals', 'removal'],
  filters: ['app'],
  appsOf: ({ app }) => [app],
  clustersOf: ({ cluster }) => [cluster],
  read: (api, { app }) => bodyOf(api.GET('/api/v1/removals', { params: { query: given({ app }) } })),
  nameOf: ({ app, cluster }) => `${app}/${cluster}`,
  columns: (look) => [
    { title: 'APP', of: ({ app }) => app },
    { title: 'CLUSTER', of: ({ cluster }) => cluster },
    { title: 'STATE', of: ({ life }) => (life === 'asked' ? look.paint('yellow', life) : life) },
    { title: 'OBJECTS', of: ({ objects }) => String(objects) },
    { title: 'SINCE', of: ({ since }) => printAge(since, look.now) },
    { title: 'BECAUSE', of: ({ because }) => because || '-' },
    { title: 'TAKES ALONG', of: printObstacles },
  ],
});

export const approvals = resource<Schemas['ApprovalDto']>({
  names: ['approvals', 'approval'],
  filters: ['app'],
  appsOf: ({ app }) => [app],
  clustersOf: ({ cluster }) => (cluster === null ? [] : [cluster]),
  read: (api, { app }) => bodyOf(api.GET('/api/v1/approvals', { params: { query: given({ app }) } })),
  nameOf: ({ kind, app, wave, cluster }) => `${kind}/${app}/${wave ?? cluster ?? ''}`,
  columns: (look) => [
    { title: 'WHAT', of: ({ kind }) => kind },
    { title: 'APP', of: ({ app }) => app },
    { title: 'RELEASE', of: ({ release }) => printNumber(release) },
    { title: 'AT', of: ({ wave, cluster }) => wave ?? cluster ?? '-' },
    { title: 'SINCE', of: ({ since }) => printAge(since, look.now) },
    { title: 'OBJECTS', of: ({ objects }) => clean(objects.map(printRef).join(', ')) || '-' },
    { title: 'TAKES ALONG', of: printObstacles },
    { title: 'DO', of: printApprovalCommand },
  ],
});

/** What nobody asked to delete, and would go too. */
function printObstacles({ obstacles }: { readonly obstacles: readonly string[] }): string {
  return clean(obstacles.join('; ')) || '-';
}

function printApprovalCommand({ kind, app, wave, cluster }: Schemas['ApprovalDto']): string {
  if (kind === 'wave') return `flotilla rollout approve ${app} --wave ${wave ?? ''}`;
  return `flotilla removal approve ${app} --cluster ${cluster ?? ''}`;
}

export const tokens = resource<Schemas['TokenDto']>({
  names: ['tokens', 'token'],
  filters: [],
  read: (api) => bodyOf(api.GET('/api/v1/tokens')),
  nameOf: ({ name }) => name,
  columns: (look) => [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'ROLE', of: ({ role }) => role },
    { title: 'AGE', of: ({ createdAt }) => printAge(createdAt, look.now) },
    { title: 'USED', of: ({ usedAt }) => printAge(usedAt, look.now) },
    { title: 'EXPIRES', of: ({ expiresAt }) => expiresAt ?? 'never' },
    { title: 'BY', of: ({ createdBy }) => createdBy },
  ],
});

export const audit = resource<Schemas['AuditDto']>({
  names: ['audit'],
  filters: [],
  appsOf: ({ subject }) => (subject.startsWith('app/') ? [subject.slice(4)] : []),
  clustersOf: clustersOfAudit,
  isUnhealthy: ({ outcome }) => outcome === 'refused',
  read: (api, { after, limit }) =>
    bodyOf(api.GET('/api/v1/audit', { params: { query: { limit, ...given({ after }) } } })),
  nameOf: ({ id }) => id,
  columns: (look) => [
    { title: 'AGE', of: ({ at }) => printAge(at, look.now) },
    { title: 'WHO', of: ({ actor }) => actor },
    { title: 'DID', of: ({ action }) => action },
    { title: 'TO', of: ({ subject }) => subject },
    { title: 'OUTCOME', of: ({ outcome }) => (outcome === 'refused' ? look.paint('red', outcome) : outcome) },
    { title: 'REASON', of: ({ reason }) => reason || '-' },
  ],
});

/** What was done to a cluster, or to an app on it. */
function clustersOfAudit({ action, subject, detail }: Schemas['AuditDto']): string[] {
  const { cluster } = detail;
  return [...(action.startsWith('cluster.') ? [subject] : []), ...(typeof cluster === 'string' ? [cluster] : [])];
}

export const joinTokens = resource<Schemas['JoinTokenDto']>({
  names: ['join-tokens', 'join-token'],
  filters: [],
  clustersOf: ({ cluster }) => [cluster],
  read: (api) => bodyOf(api.GET('/api/v1/join-tokens')),
  nameOf: ({ id }) => id,
  columns: (look) => [
    { title: 'ID', of: ({ id }) => id },
    { title: 'CLUSTER', of: ({ cluster }) => cluster },
    { title: 'STATE', of: ({ state }) => state },
    { title: 'PURPOSE', of: ({ purpose }) => purpose },
    { title: 'AGE', of: ({ createdAt }) => printAge(createdAt, look.now) },
    { title: 'EXPIRES', of: ({ expiresAt }) => expiresAt },
    { title: 'BY', of: ({ createdBy }) => createdBy },
  ],
});
