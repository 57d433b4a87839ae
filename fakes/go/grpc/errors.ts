// Failures of grpc-js calls in the words of grpc-go: a kubelet's answers carry those.
import { type ServiceError, status } from '@grpc/grpc-js';

/** A failed CRI call. The message is what a kubelet prints. */
export class CriError extends Error {
  override readonly name = 'CriError';

  constructor(
    readonly code: number,
    readonly description: string,
  ) {
    super(`rpc error: code = ${codeName(code)} desc = ${description}`);
  }
}

/** Names where Go's differ from grpc-js's in more than case. */
const GO_NAMES: Readonly<Record<number, string>> = { [status.OK]: 'OK', [status.CANCELLED]: 'Canceled' };

/** Name of a code as Go prints it: `DeadlineExceeded`, `Code(17)`. */
export function codeName(code: number): string {
  const name = status[code];
  if (name === undefined) return `Code(${code})`;
  return GO_NAMES[code] ?? name.toLowerCase().replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** Texts of the operating system's errors, as Go has them. */
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

/** Where a client dials: `unix` and a path, or `tcp` and host:port. */
export interface DialTarget {
  readonly network: 'unix' | 'tcp';
  readonly address: string;
}

/** The caller's own deadline passed. */
export const deadlineExceeded = () => new CriError(status.DEADLINE_EXCEEDED, 'context deadline exceeded');

/** The caller went away. */
export const canceled = () => new CriError(status.CANCELLED, 'context canceled');

/**
 * A failure as grpc-go would tell it. What the server said is passed on; what grpc-js found out by itself is put into Go's words.
 * grpc-js marks its own findings only by their texts.
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
