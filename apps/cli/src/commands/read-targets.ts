import type { Api, Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';

const PAGE = 500;

/** All targets of an app or cluster. */
export async function readAllTargets(
  api: Api,
  filter: { readonly app?: string; readonly cluster?: string },
): Promise<Schemas['TargetDto'][]> {
  const targets: Schemas['TargetDto'][] = [];
  let after: string | undefined;
  do {
    const query = { ...filter, limit: PAGE, ...(after === undefined ? {} : { after }) };
    const page = await bodyOf(api.GET('/api/v1/targets', { params: { query } }));
    targets.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return targets;
}
