import type { FaultCode } from '@flotilla/domain';

/** The one place where fault codes meet HTTP. A code that is missing here does not compile. */
export const HTTP_STATUS: Readonly<Record<FaultCode, number>> = {
  badInput: 400,
  unauthenticated: 401,
  forbidden: 403,
  notFound: 404,
  conflict: 409,
  notApplicable: 409,
  tooLarge: 413,
  rateLimited: 429,
  internal: 500,
  notLeader: 503,
  frozen: 503,
  unavailable: 503,
  timeout: 504,
};

export const TITLES: Readonly<Record<FaultCode, string>> = {
  badInput: 'The request is not valid',
  unauthenticated: 'A valid token is needed',
  forbidden: 'Not allowed',
  notFound: 'Not found',
  conflict: 'It conflicts with what is there',
  notApplicable: 'It does not apply now',
  tooLarge: 'Too large',
  rateLimited: 'Too many requests',
  internal: 'A fault of the hub',
  notLeader: 'This hub is a standby',
  frozen: 'The hub decides nothing for now',
  unavailable: 'Not available',
  timeout: 'It took too long',
};

/** Fault code of what the HTTP framework itself refuses. */
export function codeOfStatus(status: number): FaultCode {
  const codes = Object.keys(HTTP_STATUS) as FaultCode[];
  return codes.find((code) => HTTP_STATUS[code] === status) ?? (status < 500 ? 'badInput' : 'internal');
}
