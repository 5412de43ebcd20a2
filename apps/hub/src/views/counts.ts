/** SQL of a JSON object that counts targets by state; `states` is a subquery with the columns key and state. */
export function countsByKey(states: string): string {
  return `SELECT key, jsonb_object_agg(state, n) AS counts, sum(n)::int AS total
    FROM (SELECT key, state, count(*)::int AS n FROM (${states}) s GROUP BY key, state) g GROUP BY key`;
}

export const COUNTS_SCHEMA = {
  type: 'object',
  additionalProperties: { type: 'integer' },
  description: 'Targets by state.',
} as const;

export type Counts = Record<string, number>;
