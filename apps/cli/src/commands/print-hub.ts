import type { Schemas } from '../api/client.js';
import { printAge } from '../output/age.js';
import type { Paint } from '../output/paint.js';
import { clean } from '../output/table.js';

type HubState = Schemas['HubStateDto'];

/** What a mode other than `normal` means, and what to do about it. */
const MEANINGS: Readonly<Record<string, { readonly means: string; readonly next: string }>> = {
  timeTravel: {
    means:
      'the database is older than what agents have seen: it is served for reading, nothing is decided or sent; agents go on with what they hold and heal it',
    next: 'stop the hub and restore the newest backup of its database',
  },
};

/** Why nothing is decided, what that means and what to do; nothing when all is well. */
export function hubLines({ mode, reason, since }: HubState, paint: Paint, now: number): string[] {
  if (mode === 'normal') return [];
  const age = since === null ? '' : ` for ${printAge(since, now)}`;
  const because = clean(reason ?? '').replace(`${mode}: `, '');
  const { means, next } = MEANINGS[mode] ?? {};
  return [
    `${paint('red', `hub   ${mode}${age}`)}${because === '' ? '' : `: ${because}`}`,
    ...(means === undefined ? [] : [`      ${means}`]),
    ...(next === undefined ? [] : [`do    ${next}`]),
  ];
}
