import { Fault, labelKeyError, labelValueError } from '@flotilla/domain';

/** Labels to be set; those with null are taken away. */
export type LabelChanges = Readonly<Record<string, string | null>>;

type Labels = Readonly<Record<string, string>>;

/** Labels after changes, by the rules of Kubernetes. @throws Fault badInput with every label that is none */
export function changeLabels(labels: Labels, changes: LabelChanges): Record<string, string> {
  checkLabels(changes);
  const kept = Object.entries({ ...labels, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  return Object.fromEntries(kept);
}

/** @throws Fault badInput with every label that is none */
export function checkLabels(labels: LabelChanges): void {
  const errors = Object.entries(labels).flatMap(([key, value]) => {
    const reserved = key.startsWith('facts/') ? `"${key}": what stands under facts/ is told by the agent` : undefined;
    const wrong = reserved ?? labelKeyError(key) ?? (value === null ? undefined : valueError(value));
    return wrong === undefined ? [] : [wrong];
  });
  if (errors.length > 0) throw new Fault('badInput', errors.join('; '));
}

function valueError(value: unknown): string | undefined {
  return typeof value === 'string' ? labelValueError(value) : `${JSON.stringify(value)} is not a label value: a text`;
}
