import type { Json, KubeObject } from '../json/index.js';
import { isJsonObject } from '../json/index.js';

/** What people leave out when they speak of a workload. */
const PREFIXES = ['', 'spec.', 'spec.template.spec.', 'spec.jobTemplate.spec.template.spec.'];

/** The value of a field of an object, as differences print it: `spec.template.spec.containers[web].image`, `data["a.b"]`. */
export function valueAt(object: KubeObject | undefined, field: string): Json | undefined {
  if (stepsOf(field).length === 0) return undefined;
  for (const prefix of PREFIXES) {
    const value = walk(object, stepsOf(prefix + field));
    if (value !== undefined) return value;
  }
  return undefined;
}

const STEP = /\.?([^.[\]]+)|\[(?:name=)?("(?:[^"\\]|\\.)*")\]|\[([^\]]*)\]/gy;

interface Step {
  readonly key: string;
  /** In brackets and without quotes: an index, or the name of an item. */
  readonly item: boolean;
}

/** Empty when it is no field. */
function stepsOf(field: string): Step[] {
  const steps: Step[] = [];
  STEP.lastIndex = 0;
  let end = 0;
  for (let found = STEP.exec(field); found !== null; found = STEP.exec(field)) {
    const [, plain, quoted, item] = found;
    steps.push({ key: plain ?? (quoted === undefined ? (item ?? '') : unquote(quoted)), item: plain === undefined });
    end = STEP.lastIndex;
  }
  return end === field.length ? steps : [];
}

function unquote(text: string): string {
  try {
    return String(JSON.parse(text));
  } catch {
    return text;
  }
}

function walk(value: Json | undefined, [step, ...rest]: readonly Step[]): Json | undefined {
  if (step === undefined || value === undefined) return value;
  if (Array.isArray(value)) return step.item ? walk(itemOf(value as readonly Json[], step.key), rest) : undefined;
  return isJsonObject(value) && Object.hasOwn(value, step.key) ? walk(value[step.key], rest) : undefined;
}

function itemOf(items: readonly Json[], key: string): Json | undefined {
  const named = items.find((item) => isJsonObject(item) && item['name'] === key);
  return named ?? (/^\d+$/.test(key) ? items[Number(key)] : undefined);
}
