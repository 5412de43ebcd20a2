import type { StoredReport } from './report.repository.js';

/** One line for the live stream: `web #5 applied on eu-1, healthy`; undefined when nothing that people follow changed. */
export function describeReport({ app, cluster, applied, health, drifted }: StoredReport): string | undefined {
  const parts: string[] = [];
  if (health !== null) parts.push(health);
  if (drifted !== null) parts.push(drifted === 0 ? 'no drift' : `${drifted} drifted`);
  if (applied !== null) return [`${app} #${applied} applied on ${cluster}`, ...parts].join(', ');
  return parts.length === 0 ? undefined : `${app} on ${cluster} ${parts.join(', ')}`;
}
