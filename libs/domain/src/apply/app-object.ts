import { parseDuration } from '../definitions/fields/quantity-types.js';
import type { AppReport } from '../report/index.js';
import { printRef } from '../json/index.js';

/** Label of an app's parent object: one ConfigMap per app in the agent's namespace. Frozen. */
export const KIND_LABEL = 'flotilla.dev/kind';
export const APP_KIND = 'app';
export const PHASE_LABEL = 'flotilla.dev/phase';
export const HEALTH_LABEL = 'flotilla.dev/health';
/** On the parent object: `1h` or a time (RFC 3339) until which nothing of the app is applied or healed. */
export const SUSPEND_ANNOTATION = 'flotilla.dev/suspend';

/** Suspensions expire: nobody remembers them after a day. */
export const MAX_SUSPENSION_MS = 86_400_000;

const PREFIX = 'flotilla-app-';
const MAX_MESSAGE = 500;
const SHORT_DIGEST = 7;

export function appObjectName(app: string): string {
  return `${PREFIX}${app}`;
}

/** The app of a parent object; undefined when the name is none. */
export function appOfObject(name: string): string | undefined {
  return name.startsWith(PREFIX) && name.length > PREFIX.length ? name.slice(PREFIX.length) : undefined;
}

/** Unix ms until which a suspension lasts, at most a day from `now`; undefined when the text is neither duration nor time. */
export function parseSuspension(text: string, now: number): number | undefined {
  const durationMs = parseDuration(text);
  const until = durationMs === undefined ? parseTime(text) : now + durationMs;
  return until === undefined ? undefined : Math.min(until, now + MAX_SUSPENSION_MS);
}

function parseTime(text: string): number | undefined {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

/** What the parent object says of its app. */
export interface AppObject {
  readonly labels: Readonly<Record<string, string>>;
  readonly data: Readonly<Record<string, string>>;
}

/** What people who have only the cluster see of an app: nothing in it grows by itself, so that it is rarely written. */
export function renderAppObject(report: AppReport, suspension: string): AppObject {
  const { app, phase, health, objects, objectsReady, drifted, appliedBundle = '' } = report;
  return {
    labels: { [KIND_LABEL]: APP_KIND, [PHASE_LABEL]: phase, [HEALTH_LABEL]: health },
    data: {
      app,
      phase,
      health,
      bundle: appliedBundle.slice(0, SHORT_DIGEST),
      objects: `${objectsReady}/${objects}`,
      drifted: String(drifted),
      message: messageOf(report),
      suspended: suspension,
    },
  };
}

function messageOf({ problems }: AppReport): string {
  const [first] = problems;
  if (first === undefined) return '';
  const text = `${printRef(first.ref)}: ${first.code}${first.message === '' ? '' : `: ${first.message}`}`;
  return text.length <= MAX_MESSAGE ? text : `${text.slice(0, MAX_MESSAGE)}…`;
}
