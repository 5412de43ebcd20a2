import type { Schemas } from '../../api/client.js';
import { bodyOf } from '../../api/client.js';
import { printSpan } from '../../output/age.js';
import { given, resource } from './resource.js';

type Window = Schemas['WindowDto'];

export const windows = resource<Window>({
  names: ['windows', 'window'],
  filters: ['app'],
  isUnhealthy: ({ open, frozenBecause }) => !open || frozenBecause !== '',
  read: (api, { app }) => bodyOf(api.GET('/api/v1/windows', { params: { query: given({ app }) } })),
  nameOf: ({ name }) => name,
  columns: (look) => [
    { title: 'NAME', of: ({ name }) => name },
    { title: 'NOW', of: ({ open }) => (open ? 'open' : look.paint('yellow', 'closed')) },
    {
      title: 'CHANGES IN',
      of: ({ changesAt }) => (changesAt === null ? '-' : printSpan(Date.parse(changesAt) - look.now)),
    },
    { title: 'ALLOW', of: ({ allow }) => printSpans(allow) },
    { title: 'DENY', of: ({ deny }) => printSpans(deny) },
    { title: 'CLUSTERS', of: ({ selector }) => selector || 'all' },
    { title: 'APPS', of: ({ apps }) => apps.join(',') || 'all' },
    { title: 'PLACE', of: ({ file, line }) => `${file}:${line}`, wide: true },
    { title: 'FROZEN', of: ({ frozenBecause }) => frozenBecause || '-', wide: true },
  ],
});

/** `0 9 * * 1-5 for 8h Europe/Berlin`. */
function printSpans(spans: Window['allow']): string {
  return (
    spans.map(({ cron, durationMs, timeZone }) => `${cron} for ${printSpan(durationMs)} ${timeZone}`).join('; ') || '-'
  );
}
