import type { ApplyPlan, ApplyStep, ApplyWait, WaitCode } from '../apply/apply-plan.js';
import type { ObjectRef } from '../json/index.js';
import { refKey } from '../json/index.js';
import type { ObservedPlan, PlannedAction, PlannedObject } from './report.js';

/** What dry-runs found of one wanted object. */
export interface ObservedObject {
  readonly ref: ObjectRef;
  /** A dry-run would change something. */
  readonly differs: boolean;
  /** Managers that an adoption takes its fields from. */
  readonly from: readonly string[];
  /** Managers of fields that we want otherwise and never held: `field (manager)`. */
  readonly claims: readonly string[];
  /** Why a dry-run was refused; empty when it was not. */
  readonly refusal: string;
}

/** What of a plan waits for a person, and in which words; the rest waits for the cluster. */
const CONFLICTS: Partial<Record<WaitCode, string>> = {
  notOwned: 'exists and is not ours; apply.adopt.when: never',
  adoptDiffers: 'exists and differs; apply.adopt.when: ifEqual',
  ownedBy: 'another app owns it:',
  stuck: 'is being deleted and held by:',
};

const ORDER: readonly PlannedAction[] = ['conflict', 'delete', 'adopt', 'change', 'create', 'wait'];

/**
 * What applying would do to every object, from the plan of a pass that writes nothing. Conflicts come first. `maxObjects` cuts
 * the list, never the counts.
 */
export function summarizePlan(plan: ApplyPlan, observed: readonly ObservedObject[], maxObjects: number): ObservedPlan {
  const byKey = new Map(observed.map((object) => [refKey(object.ref), object]));
  const objects = [...plannedOf(plan)].map((planned) => judge(planned, byKey.get(refKey(planned.ref))));
  const known = new Set(objects.map(({ ref }) => refKey(ref)));
  const others = observed.filter(({ ref }) => !known.has(refKey(ref))).flatMap(withoutStep);
  const all = [...objects, ...others].sort((a, b) => ORDER.indexOf(a.action) - ORDER.indexOf(b.action));
  const counts = { create: 0, change: 0, adopt: 0, delete: 0, conflict: 0, wait: 0, leave: 0 };
  for (const { action } of all) counts[action] += 1;
  const touched = new Set(all.map(({ ref }) => refKey(ref)));
  counts.leave = observed.filter(({ ref }) => !touched.has(refKey(ref))).length;
  return { counts, objects: all.slice(0, maxObjects) };
}

/** Each object once: what would be done now or later, else what it waits for. */
function plannedOf(plan: ApplyPlan): Iterable<PlannedObject> {
  const planned = new Map<string, PlannedObject>();
  for (const step of [...plan.steps, ...plan.later]) {
    const action = actionOf(step);
    if (action !== undefined) planned.set(refKey(step.ref), { ref: step.ref, action, managers: [], because: '' });
  }
  for (const wait of plan.waits) {
    const key = refKey(wait.ref);
    if (!planned.has(key) && wait.code !== 'drifted') planned.set(key, plannedWait(wait));
  }
  for (const ref of plan.deletionSet?.refs ?? []) {
    planned.set(refKey(ref), { ref, action: 'delete', managers: [], because: 'waits for an approval' });
  }
  return planned.values();
}

function plannedWait({ ref, code, detail }: ApplyWait): PlannedObject {
  const conflict = CONFLICTS[code];
  const because = [conflict ?? code, detail].filter((part) => part !== '').join(' ');
  return { ref, action: conflict === undefined ? 'wait' : 'conflict', managers: [], because };
}

function actionOf(step: ApplyStep): PlannedAction | undefined {
  switch (step.do) {
    case 'apply':
      return step.why === 'create' || step.why === 'recreate' ? 'create' : step.why === 'adopt' ? 'adopt' : 'change';
    case 'prune':
      return 'delete';
    case 'release':
    case 'forget':
      return undefined;
  }
}

function judge(planned: PlannedObject, found: ObservedObject | undefined): PlannedObject {
  if (found === undefined || planned.action === 'delete') return planned;
  const { refusal, claims, from } = found;
  if (refusal !== '') return { ...planned, action: 'conflict', because: refusal };
  if (planned.action === 'conflict') return { ...planned, managers: from };
  if (claims.length > 0)
    return { ...planned, action: 'conflict', because: `held by other managers: ${claims.join(', ')}` };
  return planned.action === 'adopt' ? { ...planned, managers: from } : planned;
}

/** The plan has nothing to do for it: it is ours and right, or it drifted, which the plan of an observed app may not say. */
function withoutStep(found: ObservedObject): PlannedObject[] {
  if (!found.differs && found.refusal === '') return [];
  return [judge({ ref: found.ref, action: 'change', managers: [], because: '' }, found)];
}
