import type { Schemas } from '../../api/client.js';
import { bodyOf } from '../../api/client.js';
import { printAge } from '../../output/age.js';
import { paintState } from '../../output/paint.js';
import { printReleaseHead } from '../../output/words.js';
import { given, resource } from './resource.js';

export const rollouts = resource<Schemas['RolloutHeadDto']>({
  names: ['rollouts', 'rollout'],
  filters: ['app'],
  appsOf: ({ app }) => [app],
  isUnhealthy: ({ state }) => state !== 'done' && state !== 'superseded',
  read: (api, { app, after, limit }) =>
    bodyOf(api.GET('/api/v1/rollouts', { params: { query: { limit, ...given({ app, after }) } } })),
  nameOf: ({ app, release }) => `${app}/${release.number}`,
  columns: (look) => [
    { title: 'APP', of: ({ app }) => app },
    { title: 'STATE', of: ({ state }) => paintState(look.paint, state) },
    { title: 'WAVE', of: ({ wave, state }) => (state === 'done' ? '-' : (wave ?? '-')) },
    { title: 'TARGETS', of: ({ targets }) => String(targets) },
    { title: 'HEALTHY', of: ({ healthy }) => String(healthy) },
    { title: 'FAILED', of: ({ failed }) => String(failed) },
    { title: 'STARTED', of: ({ startedAt }) => printAge(startedAt, look.now) },
    { title: 'CHANGED', of: ({ changedAt }) => printAge(changedAt, look.now) },
    { title: 'RELEASE', of: ({ release }) => printReleaseHead(release) },
  ],
});
