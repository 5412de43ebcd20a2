import type { Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { CliError } from '../exit.js';
import type { Session } from '../session.js';
import type { ActOptions } from './act-options.js';
import { actBody } from './act-options.js';

export interface ActCall {
  readonly app: string;
  /** As the command calls it. */
  readonly name: string;
  /** As the API calls it. */
  readonly kind: ActKind;
  readonly options: ActOptions & Particulars;
}

export type ActKind = Schemas['ActResultDto']['kind'];

interface Particulars {
  readonly wave?: string;
  readonly cluster?: string;
  readonly for?: string;
  /** A release number. */
  readonly to?: string;
  readonly deletionSet?: string;
}

/** Does an act about an app and says what came of it. @throws CliError refused, with why and what to do instead */
export async function actOn(session: Session, { app, name, kind, options }: ActCall): Promise<void> {
  const { wave, cluster, to, deletionSet, for: duration } = options;
  const particulars = {
    wave,
    cluster,
    deletionSet,
    for: duration,
    release: to === undefined ? undefined : releaseNumber(to),
  };
  const given = Object.fromEntries(Object.entries(particulars).filter(([, value]) => value !== undefined));
  const path = { app, act: kind as never };
  const api = await session.api();
  const body = { ...actBody(options), ...given };
  const result = await bodyOf(api.POST('/api/v1/apps/{app}/rollout/acts/{act}', { params: { path }, body }));
  session.err(`${name}: ${describe(result)}`);
}

export function releaseNumber(text: string): number {
  const number = Number(text.replace(/^#/, ''));
  if (Number.isInteger(number) && number > 0) return number;
  throw new CliError('usage', `"${text}" is not a release number`);
}

function describe({ app, release, wave, cluster, done, repeated }: Schemas['ActResultDto']): string {
  const what = [`${app}${release === null ? '' : ` #${release}`}`, wave, cluster]
    .filter((part) => part !== null)
    .join(', ');
  if (!done) return `${what}: it applies; nothing was done (dry run)`;
  return repeated ? `${what}: done before by this request id` : `${what}: done   → flotilla rollout status ${app}`;
}
