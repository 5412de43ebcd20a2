import { isSecret } from '../content/index.js';
import type { JsonObject, KubeObject, ObjectRef } from '../json/index.js';
import { isJsonObject, refKey, refOf } from '../json/index.js';
import type { Change, FieldChange } from './diff-fields.js';
import { changeOf, diffFields } from './diff-fields.js';

/** What becomes of one object. Of an object that is new or gone no fields are listed. */
export interface ObjectChange {
  readonly ref: ObjectRef;
  readonly change: Change;
  readonly fields: readonly FieldChange[];
}

/**
 * What changes from one object set to another, by object and field, ordered by object. Of Secrets only keys are told, never
 * values (invariant 12).
 */
export function diffObjects(before: readonly KubeObject[], after: readonly KubeObject[]): ObjectChange[] {
  const [old, now] = [byRef(before), byRef(after)];
  const keys = [...new Set([...old.keys(), ...now.keys()])].sort();
  return keys.flatMap((key) => diffOne(old.get(key), now.get(key)));
}

function byRef(objects: readonly KubeObject[]): Map<string, KubeObject> {
  return new Map(objects.map((object) => [refKey(refOf(object)), object]));
}

function diffOne(before: KubeObject | undefined, after: KubeObject | undefined): ObjectChange[] {
  const known = after ?? before;
  if (known === undefined) return [];
  const ref = refOf(known);
  if (before === undefined || after === undefined) return [{ ref, change: changeOf(before, after), fields: [] }];
  const secret = isSecret(before) || isSecret(after);
  const fields = secret ? diffSecret(before, after) : diffFields(before, after);
  return fields.length === 0 ? [] : [{ ref, change: 'changed', fields }];
}

/** Values of any field are left out: an annotation may repeat what the data hold. */
function diffSecret(before: KubeObject, after: KubeObject): FieldChange[] {
  return diffFields(withData(before), withData(after)).map(({ field, change }) => ({ field, change }));
}

/** With a map where there is none, so that the keys of all data are named. */
function withData(secret: KubeObject): JsonObject {
  return { ...secret, data: isJsonObject(secret['data']) ? secret['data'] : {} };
}
