import type { Schemas } from '../api/client.js';
import { printAge } from '../output/age.js';
import { clean } from '../output/table.js';
import { joinAlike, printNames } from '../output/words.js';
import type { Ink } from './describe-target.js';

/** What waits for a person, each with the next command; alike ones of several clusters are one line. */
export function approvalLines(approvals: readonly Schemas['ApprovalDto'][], { paint, now }: Ink): string[] {
  return joinAlike(approvals, ({ kind, app, wave }) => JSON.stringify([kind, app, wave])).map((alike) => {
    const [{ kind, app, wave }] = alike;
    const since = alike.map((each) => each.since).sort()[0];
    const clusters = alike.flatMap(({ cluster }) => cluster ?? []);
    const waits =
      kind === 'wave' ? `wave ${wave ?? ''} of ${app}` : `${kind} of ${app} on ${printNames(clusters, 'cluster')}`;
    const next = kind === 'removal' ? `flotilla removal list ${app}` : `flotilla why ${app}`;
    return clean(`${paint('yellow', 'approval')}   ${waits} waits for ${printAge(since, now)}   → ${next}`);
  });
}
