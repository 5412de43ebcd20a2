import type { Health } from '../report/index.js';

/** Health of one object, with its reason when it is not healthy. */
export interface HealthVerdict {
  readonly health: Health;
  /** Reason of the object's own condition where it has one, else one of ours in lowerCamel. */
  readonly code: string;
  readonly message: string;
  /** When time alone may change the verdict: ms from now. */
  readonly lookAgainMs?: number;
}

export const HEALTHY: HealthVerdict = { health: 'healthy', code: '', message: '' };

/** Conditions may have no reason: then the verdict itself is the code. */
export function progressing(code: string, message: string): HealthVerdict {
  return { health: 'progressing', code: code || 'progressing', message };
}

export function failed(code: string, message: string): HealthVerdict {
  return { health: 'failed', code: code || 'failed', message };
}

/** The status says something that the rule of its kind does not know: neither good nor bad. */
export function unknown(code: string, message: string): HealthVerdict {
  return { health: 'unknown', code, message };
}

export const NOT_OBSERVED = progressing('notObserved', 'the controller has not seen this version yet');

/** Counted requirements in order: the first that is not met is the reason. */
export function firstShort(
  checks: readonly (readonly [short: boolean, code: string, message: string])[],
): HealthVerdict {
  const short = checks.find(([isShort]) => isShort);
  return short === undefined ? HEALTHY : progressing(short[1], short[2]);
}
