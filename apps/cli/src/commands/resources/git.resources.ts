import type { Schemas } from '../../api/client.js';
import { bodyOf } from '../../api/client.js';
import { printAge } from '../../output/age.js';
import { paintState } from '../../output/paint.js';
import { printCommit } from '../../output/words.js';
import { given, resource } from './resource.js';

export const sources = resource<Schemas['SourceDto']>({
  names: ['sources', 'source'],
  filters: [],
  isUnhealthy: ({ failingSince }) => failingSince !== null,
  read: (api) => bodyOf(api.GET('/api/v1/sources')),
  nameOf: ({ name }) => name,
  columns: (look) => [
    { title: 'NAME', of: ({ name }) => name },
    {
      title: 'STATE',
      of: ({ failingSince }) =>
        failingSince ? look.paint('red', `failing ${printAge(failingSince, look.now)}`) : 'ok',
    },
    { title: 'REF', of: ({ ref }) => ref },
    { title: 'COMMIT', of: ({ commit }) => printCommit(commit) },
    { title: 'MOVED', of: ({ movedAt }) => printAge(movedAt, look.now) },
    { title: 'CHECKED', of: ({ checkedAt }) => printAge(checkedAt, look.now) },
    { title: 'SUBJECT', of: ({ subject, author }) => (subject ? `${subject} (${author})` : '-') },
    { title: 'URL', of: ({ url }) => url, wide: true },
    { title: 'FAILURE', of: ({ failure }) => failure || '-', wide: true },
  ],
});

export const releases = resource<Schemas['ReleaseDto']>({
  names: ['releases', 'release'],
  filters: ['app'],
  appsOf: ({ app }) => [app],
  read: (api, { app, after, limit }) =>
    bodyOf(api.GET('/api/v1/releases', { params: { query: { limit, ...given({ app, after }) } } })),
  nameOf: ({ app, number }) => `${app}/${number}`,
  columns: (look) => [
    { title: 'APP', of: ({ app }) => app },
    { title: 'RELEASE', of: ({ number }) => `#${number}` },
    { title: 'COMMIT', of: ({ commit }) => printCommit(commit) },
    { title: 'CLUSTERS', of: (row) => String(row.clusters) },
    { title: 'AGE', of: ({ createdAt }) => printAge(createdAt, look.now) },
    { title: 'SUBJECT', of: ({ subject, author }) => `${subject} (${author})` },
  ],
});

export const problems = resource<Schemas['ProblemDto']>({
  names: ['problems', 'problem'],
  filters: ['app'],
  appsOf: ({ subjectKind, subjectName }) => (subjectKind === 'App' ? [subjectName] : []),
  isUnhealthy: ({ severity }) => severity === 'error',
  read: (api, { app, after, limit }) =>
    bodyOf(api.GET('/api/v1/problems', { params: { query: { limit, ...given({ subject: app, after }) } } })),
  nameOf: ({ id }) => id,
  columns: (look) => [
    { title: 'SEVERITY', of: ({ severity }) => paintState(look.paint, severity) },
    { title: 'WHAT', of: ({ subjectKind, subjectName }) => `${subjectKind} ${subjectName}` },
    { title: 'PLACE', of: ({ file, line }) => (file ? `${file}:${line}` : '-') },
    {
      title: 'MESSAGE',
      of: ({ field, message }) => (field && !message.includes(field) ? `${field}: ${message}` : message),
    },
    { title: 'DO', of: ({ hint }) => hint || '-' },
    { title: 'SINCE', of: ({ since }) => printAge(since, look.now) },
    { title: 'COMMIT', of: ({ commit }) => printCommit(commit), wide: true },
    { title: 'CODE', of: ({ code }) => code, wide: true },
  ],
});
