import type { Digest, KubeObject } from '../json/index.js';
import { digestJson } from '../json/index.js';
import type { ExtraFieldsRule } from '../policy/index.js';
import type { FieldSet } from './managed-fields.js';
import { appliedFields, managedFieldsOf, mergeFields, projectFields, subtractFields } from './managed-fields.js';

/**
 * Hash of what a live object looks like to us: its values at the fields our manager holds, and the fields that people added
 * with kubectl when those are to be removed. Equal to the hash taken after the last apply: nothing drifted.
 */
export function hashBaseline(object: KubeObject, manager: string, extraFields: ExtraFieldsRule): Digest {
  const fields = appliedFields(object, manager) ?? {};
  const extra = extraFields === 'remove' ? extraFieldsOf(object, fields) : {};
  return digestJson({ fields, values: projectFields(object, fields), extra });
}

/** Fields that `kubectl*` managers hold alone, outside status. */
export function extraFieldsOf(object: KubeObject, ours: FieldSet): FieldSet {
  let extra: FieldSet = {};
  for (const entry of managedFieldsOf(object)) {
    if (!isByHand(entry.manager) || entry.subresource === 'status') continue;
    extra = mergeFields(extra, subtractFields(entry.fields, ours));
  }
  const { 'f:status': _status, ...rest } = extra;
  return rest;
}

/** Managers of people's hands: kubectl and its commands. */
export function isByHand(manager: string): boolean {
  return manager === 'kubectl' || manager.startsWith('kubectl-');
}
