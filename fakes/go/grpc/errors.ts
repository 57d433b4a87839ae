// Converts failures of grpc-js calls to the error texts of grpc-go. A kubelet includes these texts in its responses.
import { type ServiceError, status } from '@grpc/grpc-js';

/** A failed CRI call. Its message is the text that a kubelet prints. */
export class CriError extends Error {
  override readonly name = 'CriError';

  constructor(
    readonly code: number,
    readonly description: string,
  ) {
    super(`rpc error: code = ${codeName(code)} desc = ${description}`);
  }
}

/** Go's names of the codes that differ from grpc-js's names by more than case. */
const GO_NAMES: Readonly<Record<number, string>> = { [status.OK]: 'OK', [status.CANCELLED]: 'Canceled' };

/** Returns a code's name as Go prints it, such as `DeadlineExceeded` or, for an unknown code, `Code(17)`. */
export function codeName(code: number): string {
  const name = status[code];
  if (name === undefined) return `Code(${code})`;
  return GO_NAMES[code] ?? name.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Go's texts for errors of the operating system. */
const ERRNO: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EAGAIN: 'resource temporarily unavailable',
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset by peer',
  EINVAL: 'invalid argument',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EPERM: 'operation not permitted',
  EPIPE: 'broken pipe',
  ETIMEDOUT: 'connection timed out',
};

/** Names of HTTP/2 error codes (RFC 9113, section 7), in the order of their numbers. */
const HTTP2_ERRORS = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
];

const reset = (name: string, code: number) =>
  new CriError(code, `stream terminated by RST_STREAM with error code: ${name}`);

/** The address to which a client connects: `unix` with a path, or `tcp` with host:port. */
export interface DialTarget {
  readonly network: 'unix' | 'tcp';
  readonly address: string;
}

/** Returns the error of a call whose deadline has passed. */
export const deadlineExceeded = () => new CriError(status.DEADLINE_EXCEEDED, 'context deadline exceeded');

/** Returns the error of a call that the caller has canceled. */
export const canceled = () => new CriError(status.CANCELLED, 'context canceled');

/**
 * Converts the failure of a grpc-js call to the error that grpc-go would return. Errors from the server keep their
 * text. Errors that grpc-js itself detected get Go's text. They can be recognized only by their original text.
 * @param target the address to which the client connected, which is part of some texts
 */
export function toCriError(error: Pick<ServiceError, 'code' | 'details'>, target: DialTarget): CriError {
  const { code, details } = error;
  if (code === status.UNAVAILABLE && details.startsWith('No connection established')) {
    const dial = /connect (E[A-Z]+)/.exec(details)?.[1];
    const reason = dial
      ? `transport: Error while dialing: dial ${target.network} ${target.address}: connect: ${ERRNO[dial] ?? dial}`
      : 'error reading server preface: EOF';
    return new CriError(code, `connection error: desc = "${reason}"`);
  }
  if (code === status.UNAVAILABLE && /^(Connection dropped|read ECONNRESET|write EPIPE)/.test(details)) {
    return new CriError(code, 'error reading from server: EOF');
  }
  if (code === status.CANCELLED && details === 'Call cancelled') return reset('CANCEL', code);
  const rst = /^Received RST_STREAM with code ([0-9]+)/.exec(details)?.[1];
  if (rst) return reset(HTTP2_ERRORS[Number(rst)] ?? `unknown error code 0x${Number(rst).toString(16)}`, code);
  const large = /^Received message larger than max \(([0-9]+) vs\.? ([0-9]+)\)/.exec(details);
  if (large) {
    return new CriError(
      status.RESOURCE_EXHAUSTED,
      `grpc: received message larger than max (${large[1]} vs. ${large[2]})`,
    );
  }
  const sent = /^Attempted to send message with a size larger than ([0-9]+)/.exec(details);
  if (sent) return new CriError(status.RESOURCE_EXHAUSTED, `trying to send message larger than max (${sent[1]})`);
  return new CriError(code, details);
}
