import type { KubeObject, ObjectRef } from '../json/index.js';

const MOST_TOLD = 5;

/**
 * Says what would be deleted along with a namespace or a CRD although nobody asked for it; empty when nothing would.
 * @param unread resources that could not be looked at
 */
export function nameFollowers(ref: ObjectRef, followers: readonly KubeObject[], unread: readonly string[]): string {
  const isNamespace = ref.kind === 'Namespace';
  const what = isNamespace ? 'foreign objects' : 'live custom resources of its kind';
  const named = followers
    .map((object) => (isNamespace ? `${object.kind} ${object.metadata.name}` : placeOf(object)))
    .sort();
  const rest = named.length > MOST_TOLD ? ` and ${named.length - MOST_TOLD} more` : '';
  const told =
    named.length === 0 ? [] : [`${what} would be deleted with it: ${named.slice(0, MOST_TOLD).join(', ')}${rest}`];
  const blind =
    unread.length === 0
      ? []
      : [
          `could not look for ${unread.slice(0, MOST_TOLD).join(', ')}${unread.length > MOST_TOLD ? ` and ${unread.length - MOST_TOLD} more` : ''}`,
        ];
  return [...told, ...blind].join('; ');
}

function placeOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
