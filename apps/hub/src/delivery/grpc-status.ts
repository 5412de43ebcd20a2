import type { ServiceError } from '@grpc/grpc-js';
import { Metadata, status } from '@grpc/grpc-js';
import type { FaultCode } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';

/** The one place where faults become gRPC statuses; it does not compile when a code is forgotten. */
const STATUSES: Readonly<Record<FaultCode, status>> = {
  badInput: status.INVALID_ARGUMENT,
  notFound: status.NOT_FOUND,
  conflict: status.ALREADY_EXISTS,
  notApplicable: status.FAILED_PRECONDITION,
  unauthenticated: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  rateLimited: status.RESOURCE_EXHAUSTED,
  tooLarge: status.OUT_OF_RANGE,
  notLeader: status.UNAVAILABLE,
  frozen: status.UNAVAILABLE,
  unavailable: status.UNAVAILABLE,
  timeout: status.DEADLINE_EXCEEDED,
  internal: status.INTERNAL,
};

/** What a caller gets to see of an error: the message of a fault, nothing of anything else. */
export function toServiceError(error: unknown): ServiceError {
  const fault = error instanceof Fault ? error : new Fault('internal', 'the hub failed to answer; its log says why');
  const details = fault.hint === undefined ? fault.message : `${fault.message}. ${fault.hint}`;
  return Object.assign(new Error(fault.message), {
    code: STATUSES[fault.code],
    details,
    metadata: new Metadata(),
  });
}
