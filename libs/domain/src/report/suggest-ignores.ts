import type { ObjectRef } from '../json/index.js';
import type { IgnoreRule } from '../policy/index.js';
import type { DriftItem } from './report.js';

export type IgnorableDrift = Pick<DriftItem, 'ref' | 'kind' | 'field' | 'wanted' | 'live' | 'manager'>;

export interface SuggestedIgnores {
  /** For `spec.drift.ignore`, as narrow as the drifts are. */
  readonly rules: readonly IgnoreRule[];
  /** Somebody added fields that are not wanted: only `spec.drift.extraFields: keep` lets them be. */
  readonly keepsExtra: boolean;
  /** Objects that were deleted: no rule makes that right. */
  readonly deleted: readonly ObjectRef[];
}

/**
 * The rules that leave these drifts to whoever made them: by path, or by field manager where `byManager` says so and the
 * manager is known. One object of a kind is named; several that drifted at the same paths share a rule of their kind.
 */
export function suggestIgnores(drifts: readonly IgnorableDrift[], byManager = false): SuggestedIgnores {
  const edited = drifts.filter(({ kind }) => kind === 'edited');
  const added = edited.filter(({ wanted, live }) => wanted === '' && live !== '');
  const objects = new Map<string, { ref: ObjectRef; pointers: Set<string>; managers: Set<string> }>();
  for (const drift of edited.filter((one) => !added.includes(one))) {
    const key = JSON.stringify([drift.ref.group, drift.ref.kind, drift.ref.name]);
    const object = objects.get(key) ?? { ref: drift.ref, pointers: new Set(), managers: new Set() };
    objects.set(key, object);
    if (byManager && drift.manager !== '') object.managers.add(drift.manager);
    else object.pointers.add(drift.field);
  }
  const rules = [...objects.values()].map(({ ref, pointers, managers }) => ({
    ref,
    jsonPointers: [...pointers].sort(),
    fieldManagers: [...managers].sort(),
  }));
  const deleted = drifts.filter(({ kind }) => kind === 'deleted').map(({ ref }) => ref);
  return { rules: mergeRules(rules), keepsExtra: added.length > 0, deleted };
}

interface ObjectRule {
  readonly ref: ObjectRef;
  readonly jsonPointers: readonly string[];
  readonly fieldManagers: readonly string[];
}

function mergeRules(rules: readonly ObjectRule[]): IgnoreRule[] {
  const same = new Map<string, ObjectRule[]>();
  for (const rule of rules) {
    const key = JSON.stringify([rule.ref.group, rule.ref.kind, rule.jsonPointers, rule.fieldManagers]);
    same.set(key, [...(same.get(key) ?? []), rule]);
  }
  return [...same.values()].map((group) => ruleOf(group));
}

function ruleOf([first, ...more]: readonly ObjectRule[]): IgnoreRule {
  if (first === undefined) throw new RangeError('a rule is made of one object at least');
  const { group, kind, name } = first.ref;
  const { jsonPointers, fieldManagers } = first;
  return {
    ...(group === '' ? {} : { group }),
    kind,
    ...(more.length > 0 ? {} : { name }),
    jsonPointers,
    fieldManagers,
  };
}
