import type { ServiceError } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import type { FaultCode } from '@flotilla/domain';
import { Fault } from '@flotilla/domain';

const CODES: Readonly<Partial<Record<status, FaultCode>>> = {
  [status.INVALID_ARGUMENT]: 'badInput',
  [status.NOT_FOUND]: 'notFound',
  [status.ALREADY_EXISTS]: 'conflict',
  [status.FAILED_PRECONDITION]: 'notApplicable',
  [status.UNAUTHENTICATED]: 'unauthenticated',
  [status.PERMISSION_DENIED]: 'forbidden',
  [status.RESOURCE_EXHAUSTED]: 'rateLimited',
  [status.DEADLINE_EXCEEDED]: 'timeout',
  [status.INTERNAL]: 'internal',
};

/** A failed call as a fault. This is the one place of the agent that knows gRPC status codes. */
export function toFault(error: unknown): Fault {
  if (error instanceof Fault) return error;
  if (!isServiceError(error)) return new Fault('internal', (error as Error).message, undefined, { cause: error });
  return new Fault(CODES[error.code] ?? 'unavailable', error.details || error.message);
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' && 'details' in error;
}
