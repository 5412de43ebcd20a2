import type { ApiCall, CallMatcher } from './api-call.js';
import { matchesCall } from './api-call.js';

const LIMIT = 10_000;

/** The calls a cluster has got, oldest first; a call appears when it comes in, its status when it is answered. Bounded: the oldest go. */
export class CallLog {
  private calls: ApiCall[] = [];

  get all(): readonly ApiCall[] {
    return this.calls;
  }

  matching(matcher: CallMatcher): ApiCall[] {
    return this.calls.filter((call) => matchesCall(call, matcher));
  }

  clear(): void {
    this.calls = [];
  }

  add(call: ApiCall): void {
    this.calls.push(call);
    if (this.calls.length > LIMIT * 1.25) this.calls = this.calls.slice(-LIMIT);
  }
}
