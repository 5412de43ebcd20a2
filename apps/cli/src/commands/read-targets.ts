import type { Api, Schemas } from '../api/client.js';
import { bodyOf } from '../api/client.js';
import { allOf } from './resources/index.js';

/** All targets of an app or cluster. */
export function readAllTargets(
  api: Api,
  filter: { readonly app?: string; readonly cluster?: string },
): Promise<Schemas['TargetDto'][]> {
  return allOf((page) => bodyOf(api.GET('/api/v1/targets', { params: { query: { ...filter, ...page } } })));
}
