import { Cron } from 'croner';
import type { WindowDefinition, WindowSpan } from '../definitions/index.js';
import { matchSelector } from '../selectors/index.js';
import type { RolloutFacts, RolloutTarget } from './facts.js';

/** Whether a target may start now, and when that may change. */
export interface WindowState {
  /** Name of a window that forbids it; undefined: open. */
  readonly closedBy: string | undefined;
  /** Unix ms of the next opening or closing; undefined: never. */
  readonly changesAt: number | undefined;
}

const OPEN: WindowState = { closedBy: undefined, changesAt: undefined };

/**
 * Windows a wave names must be open; a window's `deny` spans also bind every app and cluster it selects without being
 * named, which makes a freeze of the fleet one document.
 */
export class WindowBook {
  private readonly spans = new Map<WindowSpan, SpanState>();

  constructor(
    private readonly facts: Pick<RolloutFacts, 'app' | 'windows'>,
    private readonly now: number,
  ) {}

  /** For one target in a wave that names these windows. */
  stateFor(target: Pick<RolloutTarget, 'labels'>, named: readonly string[]): WindowState {
    let state = OPEN;
    for (const window of Object.values(this.facts.windows)) {
      if (!concerns(window, this.facts.app, target)) continue;
      state = join(state, this.windowState(window, named.includes(window.name)));
    }
    return state;
  }

  private windowState(window: WindowDefinition, named: boolean): WindowState {
    const denies = window.deny.map((span) => this.spanState(span));
    const allows = named ? window.allow.map((span) => this.spanState(span)) : [];
    const closed = denies.some(({ open }) => open) || (allows.length > 0 && !allows.some(({ open }) => open));
    return { closedBy: closed ? window.name : undefined, changesAt: earliest([...denies, ...allows]) };
  }

  private spanState(span: WindowSpan): SpanState {
    const known = this.spans.get(span);
    if (known) return known;
    const state = spanAt(span, this.now);
    this.spans.set(span, state);
    return state;
  }
}

function concerns(window: WindowDefinition, app: string, target: Pick<RolloutTarget, 'labels'>): boolean {
  if (window.apps.length > 0 && !window.apps.includes(app)) return false;
  return window.selector === undefined || matchSelector(window.selector, target.labels);
}

function join(a: WindowState, b: WindowState): WindowState {
  return { closedBy: a.closedBy ?? b.closedBy, changesAt: earliest([a, b]) };
}

function earliest(states: readonly { readonly changesAt: number | undefined }[]): number | undefined {
  const times = states.map(({ changesAt }) => changesAt).filter((at) => at !== undefined);
  return times.length === 0 ? undefined : Math.min(...times);
}

interface SpanState {
  readonly open: boolean;
  readonly changesAt: number | undefined;
}

/** A span is open from each match of its cron text, read in its time zone, for its duration of elapsed time. */
export function spanAt(span: WindowSpan, now: number): SpanState {
  const cron = new Cron(span.cron, { timezone: span.timeZone, mode: '5-part' });
  const opening = cron.previousRuns(1, new Date(now + 1))[0]?.getTime();
  const closesAt = opening === undefined ? undefined : opening + span.durationMs;
  const opensAt = cron.nextRun(new Date(now))?.getTime();
  if (closesAt !== undefined && now < closesAt) return { open: true, changesAt: closesAt };
  return { open: false, changesAt: opensAt };
}
