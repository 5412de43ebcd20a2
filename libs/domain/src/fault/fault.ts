/** Who must act: the input's author (`rejected`), nobody yet (`transient`: retry; `waiting`: no fault), or us (`bug`). */
export type FaultKind = 'rejected' | 'transient' | 'waiting' | 'bug';

/** Every way in which something can fail on purpose. HTTP and gRPC each map it in one file that must name every code. */
export type FaultCode =
  | 'badInput'
  | 'notFound'
  | 'conflict'
  | 'notApplicable'
  | 'unauthenticated'
  | 'forbidden'
  | 'rateLimited'
  | 'tooLarge'
  | 'notLeader'
  | 'frozen'
  | 'unavailable'
  | 'timeout'
  | 'internal';

const KINDS: Readonly<Record<FaultCode, FaultKind>> = {
  badInput: 'rejected',
  notFound: 'rejected',
  conflict: 'rejected',
  notApplicable: 'rejected',
  unauthenticated: 'rejected',
  forbidden: 'rejected',
  rateLimited: 'transient',
  tooLarge: 'rejected',
  notLeader: 'transient',
  frozen: 'waiting',
  unavailable: 'transient',
  timeout: 'transient',
  internal: 'bug',
};

/** A failure with a code from the closed set. Its message is for people and never holds a secret. */
export class Fault extends Error {
  override readonly name = 'Fault';

  // eslint-disable-next-line max-params -- an error's own options come last
  constructor(
    readonly code: FaultCode,
    message: string,
    /** What to do about it, when there is something. */
    readonly hint?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  get kind(): FaultKind {
    return KINDS[this.code];
  }
}
