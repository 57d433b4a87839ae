// Defines the reasons why the runtime refuses a request. Only `grpc/errors.ts` maps them to gRPC codes.

export type RuntimeErrorReason =
  | 'not-found'
  | 'invalid'
  | 'wrong-state'
  | 'taken'
  | 'denied'
  | 'full'
  | 'deadline-passed'
  | 'caller-gone'
  | 'not-implemented'
  | 'internal';

/** An error of a CRI call. Clients receive its message. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly reason: RuntimeErrorReason;

  constructor(reason: RuntimeErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
