import type { ApplyStep } from '@flotilla/domain';
import type { ApiFault } from '@flotilla/kube';
import { isApiFault } from '@flotilla/kube';
import {
  describeFault,
  isFieldConflict,
  isImmutable,
  isNamespaceMissing,
  isPreviewUnavailable,
} from './describe-fault.js';
import type { Execution } from './execution.js';
import { holdBack } from './execution.js';

/**
 * Before several objects change at once, a dry-run of each shows all problems together. What is refused is held back, the
 * others go on. A single object needs none: its apply says the same. Conflicts are judged by the apply itself, and a
 * webhook that does not support dry-runs says nothing about the object.
 */
export async function preflight(execution: Execution, steps: readonly ApplyStep[]): Promise<void> {
  const fresh = steps.filter((step) => step.do === 'apply' && (step.why === 'create' || step.why === 'change'));
  if (fresh.length < 2) return;
  await Promise.all(fresh.map((step) => execution.context.calls.run(() => tryStep(execution, step))));
}

async function tryStep(execution: Execution, step: ApplyStep): Promise<void> {
  const { context, state, signal } = execution;
  const tracked = state.track(step.ref);
  const address = state.addressOf(tracked);
  const isDue = tracked.retryAt <= context.clock.monotonic();
  if (address === undefined || tracked.wanted === undefined || !isDue || signal.aborted) return;
  try {
    await context.client.apply(address, tracked.wanted.object, {
      impersonate: state.account,
      dryRun: true,
      force: true,
    });
  } catch (error) {
    if (!isApiFault(error)) throw error;
    if (isLeftToApply(error)) return;
    holdBack(execution, tracked, { problem: describeFault(tracked.ref, error), waitMs: error.retryAfterMs });
  }
}

/** Refusals that the apply itself deals with. */
function isLeftToApply(error: ApiFault): boolean {
  return isPreviewUnavailable(error) || isNamespaceMissing(error) || isFieldConflict(error) || isImmutable(error);
}
