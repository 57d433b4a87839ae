// Maps every thrown error to a gRPC status.

import { status } from '@grpc/grpc-js';
import { LocationError, type LocationErrorKind } from '../../archive/writing/location';
import { errorText } from '../../base/error-text';
import { RuntimeError, type RuntimeErrorReason } from '../state/runtime-error';

/** An error with a given gRPC status, for interceptors that respond like another runtime. */
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

/**
 * The gRPC codes of location errors: InvalidArgument for a malformed location, and other codes for the state of the
 * disk, which can change.
 */
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

/**
 * Maximum size of an encoded message, bytes. Clients limit the size of headers, and a longer message would not reach
 * them.
 */
const MAX_DETAILS = 64 * 1024;
/** Maximum number of bytes of one UTF-16 code unit in a header. */
const BYTES_PER_UNIT = 9;

/** Returns a message that can be sent: well-formed Unicode, and not too long. */
function sendable(details: string): string {
  const text = Buffer.from(details).toString();
  let shortened = text;
  while (shortened.length * BYTES_PER_UNIT > MAX_DETAILS && encodeURI(shortened).length > MAX_DETAILS) {
    const half = Math.min(MAX_DETAILS, Math.floor(shortened.length / 2));
    shortened = Buffer.from(text.slice(0, half)).toString();
  }
  return shortened === text ? text : `${shortened}... (shortened: the message has ${text.length} characters)`;
}

/** Returns the status for an error that was thrown while a call was handled. Very long messages are shortened. */
export function grpcStatus(error: unknown): GrpcStatus {
  const { code, details } = statusOf(error);
  return { code, details: sendable(details) };
}

function statusOf(error: unknown): GrpcStatus {
  if (error instanceof RuntimeError) return { code: CODES[error.reason], details: error.message };
  if (error instanceof StatusError) return { code: error.code, details: error.message };
  if (error instanceof LocationError) return { code: LOCATION_CODES[error.kind], details: error.message };
  return { code: status.INTERNAL, details: errorText(error) };
}
