import type { Change, FollowOptions } from '../api/follow-changes.js';
import { followChanges } from '../api/follow-changes.js';
import { CliError } from '../exit.js';
import type { Session } from '../session.js';

/** Silence makes no event (a cluster gets unknown by time alone), so look now and then without one. */
const LONGEST_MS = 5_000;
/** A burst of changes is one look. */
const GATHER_MS = 150;

/** Looks now, and again whenever something changes, until a look says that it is over. The hub may be away for a while. */
export async function lookOnChange(session: Session, follow: FollowOptions, look: Look): Promise<void> {
  let wake: () => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  if ((await look()) === 'over') return;
  const stop = new AbortController();
  void pump(session, { ...follow, signal: stop.signal }, () => wake()).catch((error: unknown) => fail(error));
  try {
    for (;;) {
      const woken = new Promise<void>((resolve) => (wake = resolve));
      await Promise.race([woken, pause(LONGEST_MS), failed]);
      await pause(GATHER_MS);
      if ((await lookThroughLoss(look)) === 'over') return;
    }
  } finally {
    stop.abort();
  }
}

export type Look = () => Promise<'over' | void>;

async function lookThroughLoss(look: Look): Promise<'over' | void> {
  return look().catch((error: unknown) => {
    if (!(error instanceof CliError && error.exit === 'unreachable')) throw error;
  });
}

async function pump(session: Session, follow: FollowOptions, tell: (change: Change) => void): Promise<void> {
  const onLoss = ({ message }: CliError): void => session.err(`${message}; trying again`);
  for await (const change of followChanges(await session.hub(), { ...follow, onLoss })) tell(change);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
