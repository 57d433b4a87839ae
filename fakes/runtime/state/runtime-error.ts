// Why the runtime does not do what it was asked; which gRPC code that is, errors.ts alone says.

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

/** Thrown by the store and the calls; the message is the sentence that the caller gets. */
export class RuntimeError extends Error {
  override readonly name = 'RuntimeError';
  readonly reason: RuntimeErrorReason;

  constructor(reason: RuntimeErrorReason, message: string) {
    super(message);
    this.reason = reason;
  }
}
