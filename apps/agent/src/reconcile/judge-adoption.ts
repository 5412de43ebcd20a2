import type { KubeObject } from '@flotilla/domain';
import { appliedFields, managedFieldsOf, printFields, subtractFields } from '@flotilla/domain';
import { FIELD_MANAGER } from '@flotilla/kube';

const BOOKKEEPING = /^\.metadata\.(labels|annotations)\b/;

/**
 * Fields that the former managers hold and that we would not apply are removed with the transfer. That is harmless only for
 * labels and annotations, their bookkeeping.
 */
export function stealingIsHarmless(live: KubeObject, dryRun: KubeObject, from: readonly string[]): boolean {
  const ours = appliedFields(dryRun, FIELD_MANAGER) ?? {};
  return managedFieldsOf(live)
    .filter((entry) => from.includes(entry.manager) && entry.subresource === '')
    .every((entry) => printFields(subtractFields(entry.fields, ours)).every((path) => BOOKKEEPING.test(path)));
}
