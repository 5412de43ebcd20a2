import type { RejectionCode } from '@flotilla/domain';

/** A desired state that is not accepted, for a reason that a newer one must cure. The last good one stays in force. */
export class RefusedState extends Error {
  override readonly name = 'RefusedState';

  constructor(
    readonly code: RejectionCode,
    message: string,
  ) {
    super(message);
  }
}
