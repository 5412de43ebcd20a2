import type { Api, Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';

/** Entries that a screen about one thing lists; where the rest is, it says. */
export const LISTED_AT_MOST = 50;

/** The targets of an app or cluster that a screen has room for, those that are not healthy first. */
export async function readSomeTargets(
  api: Api,
  filter: { readonly app?: string; readonly cluster?: string },
): Promise<Schemas['TargetDto'][]> {
  const read = async (more: { unhealthy?: boolean }): Promise<Schemas['TargetDto'][]> => {
    const query = { ...filter, ...more, limit: LISTED_AT_MOST };
    return (await bodyOf(api.GET('/api/v1/targets', { params: { query } }))).items;
  };
  const unhealthy = await read({ unhealthy: true });
  if (unhealthy.length === LISTED_AT_MOST) return unhealthy;
  const known = new Set(unhealthy.map(keyOf));
  const others = (await read({})).filter((target) => !known.has(keyOf(target)));
  return [...unhealthy, ...others].slice(0, LISTED_AT_MOST);
}

function keyOf({ app, cluster }: Schemas['TargetDto']): string {
  return `${app}/${cluster}`;
}
