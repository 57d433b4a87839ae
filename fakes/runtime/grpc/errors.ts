// Maps every thrown error to a gRPC status.

import { status } from '@grpc/grpc-js';
import { LocationError, type LocationErrorKind } from '../../archive/writing/location';
import { errorText } from '../../base/error-text';
import { RuntimeError, type RuntimeErrorReason } from '../state/runtime-error';

/** An error with a given gRPC status, for interceptors that respond as another runtime would. */
export class StatusError extends Error {
  override readonly name = 'StatusError';
  readonly code: status;

  constructor(code: status, message: string) {
    super(message);
    this.code = code;
  }
}

/** The status of a failed call. */
export interface GrpcStatus {
  readonly code: status;
  readonly details: string;
}

const CODES: Readonly<Record<RuntimeErrorReason, status>> = {
  'not-found': status.NOT_FOUND,
  invalid: status.INVALID_ARGUMENT,
  'wrong-state': status.FAILED_PRECONDITION,
  taken: status.ALREADY_EXISTS,
  denied: status.PERMISSION_DENIED,
  full: status.RESOURCE_EXHAUSTED,
  'deadline-passed': status.DEADLINE_EXCEEDED,
  'caller-gone': status.CANCELLED,
  'not-implemented': status.UNIMPLEMENTED,
  internal: status.INTERNAL,
};

/** A malformed location is the client's mistake (InvalidArgument); the state of the disk can change (other codes). */
const LOCATION_CODES: Readonly<Record<LocationErrorKind, status>> = {
  empty: status.INVALID_ARGUMENT,
  relative: status.INVALID_ARGUMENT,
  nul: status.INVALID_ARGUMENT,
  'too-long': status.INVALID_ARGUMENT,
  'missing-parent': status.FAILED_PRECONDITION,
  'parent-not-a-directory': status.FAILED_PRECONDITION,
  'is-directory': status.FAILED_PRECONDITION,
  'not-a-regular-file': status.FAILED_PRECONDITION,
  exists: status.ALREADY_EXISTS,
  'link-loop': status.FAILED_PRECONDITION,
  busy: status.FAILED_PRECONDITION,
  permission: status.PERMISSION_DENIED,
  'read-only': status.PERMISSION_DENIED,
  'no-space': status.RESOURCE_EXHAUSTED,
  other: status.INTERNAL,
};

/** Returns the status for an error that was thrown while a call was handled. */
export function grpcStatus(error: unknown): GrpcStatus {
  if (error instanceof RuntimeError) return { code: CODES[error.reason], details: error.message };
  if (error instanceof StatusError) return { code: error.code, details: error.message };
  if (error instanceof LocationError) return { code: LOCATION_CODES[error.kind], details: error.message };
  return { code: status.INTERNAL, details: errorText(error) };
}
