import type { Api, Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';

const PAGE = 500;

/** Every line of the history of an app's rollouts, or of one release's; oldest first. */
export async function readHistory(
  api: Api,
  app: string,
  only: { readonly release?: number },
): Promise<Schemas['HistoryLineDto'][]> {
  const lines: Schemas['HistoryLineDto'][] = [];
  let after: string | undefined;
  do {
    const query = { ...only, limit: PAGE, ...(after === undefined ? {} : { after }) };
    const page = await bodyOf(api.GET('/api/v1/apps/{app}/rollout/history', { params: { path: { app }, query } }));
    lines.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined);
  return lines;
}
