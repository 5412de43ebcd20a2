import { Environment } from '@marcbachmann/cel-js';
import type { KubeObject } from '../json/index.js';
import { hasExactIntegers, withBigInts } from '../json/index.js';
import type { HealthCheck } from '../policy/index.js';
import { isStale } from './generations.js';
import type { HealthVerdict } from './verdict.js';
import { HEALTHY, NOT_OBSERVED, failed, progressing } from './verdict.js';

const environment = new Environment({ unlistedVariablesAreDyn: true });
type Program = (context: Record<string, unknown>) => unknown;
const programs = new Map<string, Program>();

/**
 * Judges an object by the first CEL rule of its kind; undefined when there is none. Expressions see the members of the object
 * (`status.ready == true`) and the whole as `self`. An expression that cannot be evaluated yet (a missing field) is not true.
 */
export function runChecks(object: KubeObject, checks: readonly HealthCheck[]): HealthVerdict | undefined {
  const check = checks.find(
    (candidate) => candidate.apiVersion === object.apiVersion && candidate.kind === object.kind,
  );
  if (check === undefined) return undefined;
  if (isStale(object)) return NOT_OBSERVED;
  const plain = hasExactIntegers(object) ? (withBigInts(object) as KubeObject) : object;
  const context = { status: {}, spec: {}, ...plain, self: plain };
  if (check.failed !== undefined && isTrue(check.failed, context))
    return failed('checkFailed', `true: ${check.failed}`);
  return isTrue(check.current, context) ? HEALTHY : progressing('checkNotMet', `not true yet: ${check.current}`);
}

function isTrue(expression: string, context: Record<string, unknown>): boolean {
  try {
    return programOf(expression)(context) === true;
  } catch {
    return false;
  }
}

function programOf(expression: string): Program {
  let program = programs.get(expression);
  if (program === undefined) {
    program = environment.parse(expression) as Program;
    programs.set(expression, program);
  }
  return program;
}
