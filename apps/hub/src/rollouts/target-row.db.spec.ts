import { expect, it } from 'vitest';
import { RolloutFleet } from './rollout-fleet.fixture.js';

const PARTS = ['desired', 'proven', 'applied', 'attempted'] as const;
/** Bundle and policy: as allowed, or other ones, or none. */
const KINDS = ['same', 'otherBundle', 'otherPolicy', 'noPolicy', 'none'] as const;

/** SQL that writes a part of the kind that stands at this place of the cluster's number in base five. */
function setPart(part: string, place: number): string {
  const kind = `((t.cluster - 1) / ${KINDS.length ** place}) % ${KINDS.length}`;
  const other = `decode('bb', 'hex')`;
  return `${part}_release = t.allowed_release,
    ${part}_bundle = CASE ${kind} WHEN 1 THEN ${other} WHEN 4 THEN NULL ELSE t.allowed_bundle END,
    ${part}_policy = CASE ${kind} WHEN 2 THEN ${other} WHEN 3 THEN NULL WHEN 4 THEN NULL ELSE t.allowed_policy END`;
}

it('reads every part of a target as it is stored, whether it is the allowed one or not', async () => {
  const count = KINDS.length ** PARTS.length;
  const clusters = Object.fromEntries(Array.from({ length: count }, (_, i) => [`c${i}`, {}]));
  await using fleet = await RolloutFleet.create({ clusters });
  await using hub = await fleet.startHub();
  await fleet.release('one');
  await fleet.sql(`UPDATE target t SET allowed_release = desired_release, allowed_bundle = desired_bundle,
    allowed_policy = desired_policy, session_id = 's', phase = 'applied', health = 'healthy'`);
  const sets = PARTS.map((part, place) => setPart(part, place).replace('attempted_release = t.allowed_release,', ''));
  await fleet.sql(`UPDATE target t SET ${sets.join(', ')}`);
  // One of all on which nothing was ever allowed.
  await fleet.sql(
    `UPDATE target SET allowed_release = NULL, allowed_bundle = NULL, allowed_policy = NULL WHERE cluster = 7`,
  );

  const columns = ['allowed', ...PARTS].flatMap((part) =>
    ['bundle', 'policy'].map((of) => `encode(${part}_${of}, 'hex') AS ${part}_${of}`),
  );
  const stored = await fleet.sql<Record<string, string | null>>(
    `SELECT ${columns.join(', ')} FROM target ORDER BY cluster`,
  );
  const loaded = await hub.facts.load(1);
  const read = [...(loaded?.facts.targets ?? [])].sort((a, b) => a.clusterId - b.clusterId);
  expect(read).toHaveLength(count);
  const part = (row: Record<string, string | null>, name: string): object | undefined => {
    const [bundle, policy] = [row[`${name}_bundle`], row[`${name}_policy`]];
    return bundle && policy ? { bundle, policy } : undefined;
  };
  read.forEach(({ desired, allowed, proven, observation }, i) => {
    const row = stored[i] ?? {};
    const pick = (of: { bundle: string; policy: string } | undefined): object | undefined =>
      of && { bundle: of.bundle, policy: of.policy };
    expect([desired, pick(allowed), pick(proven), observation?.attempted]).toEqual(
      ['desired', 'allowed', 'proven', 'attempted'].map((name) => part(row, name)),
    );
    expect([observation?.bundle ?? null, observation?.policy ?? null]).toEqual([
      row['applied_bundle'],
      row['applied_policy'],
    ]);
  });
});
