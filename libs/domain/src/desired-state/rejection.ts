/**
 * Why an agent refuses a desired state. `baseMismatch` is cured by a new session (the agent states anew what it holds), the
 * others by a newer version.
 */
export type RejectionCode =
  | 'malformed'
  | 'staleVersion'
  | 'staleEpoch'
  | 'baseMismatch'
  | 'hashMismatch'
  | 'contentMissing'
  | 'contentMismatch'
  | 'notCanonical';

export interface Rejection {
  readonly code: RejectionCode;
  readonly message: string;
}
