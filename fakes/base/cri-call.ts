// A CRI call on its way from a client to the code that answers it, and the wrappers that can be put around it.
import type { CriMethod, CriRequest, CriResponseInit, CriUnaryMethod } from '../../proto/load';
import type { Wrapper } from './chain';

/** One CRI call on its way to the code that answers it. */
export interface CriCall<M extends CriUnaryMethod = CriUnaryMethod> {
  readonly method: M;
  readonly request: CriRequest<M>;
  /** Seconds that the caller gave, as its `grpc-timeout` says; undefined where it set no deadline. */
  readonly deadlineSeconds: number | undefined;
  /** Aborted when the deadline passes or the caller goes away. */
  readonly signal: AbortSignal;
}

/** The CRI calls that answer with a stream. */
export type CriStreamMethod = Exclude<CriMethod, CriUnaryMethod>;

/** One CRI call that is answered with a stream. */
export interface CriStreamCall<M extends CriStreamMethod = CriStreamMethod> {
  readonly method: M;
  readonly request: CriRequest<M>;
  readonly deadlineSeconds: number | undefined;
  /** As of CriCall. */
  readonly signal: AbortSignal;
}

/** As Wrapper, for whichever CRI call passes. */
export type CriWrapper = Wrapper<CriCall, CriResponseInit<CriUnaryMethod>>;

/** The messages of a stream; one that throws ends the stream with that error. */
export type CriMessages = Iterable<CriResponseInit<CriStreamMethod>> | AsyncIterable<CriResponseInit<CriStreamMethod>>;
/** As CriWrapper, for calls that stream. */
export type CriStreamWrapper = (call: CriStreamCall, next: (call: CriStreamCall) => CriMessages) => CriMessages;

/** As chain, for calls that stream. */
export function chainStreams(wrappers: readonly CriStreamWrapper[], innermost: (call: CriStreamCall) => CriMessages) {
  return wrappers.reduceRight<(call: CriStreamCall) => CriMessages>(
    (next, wrapper) => (call) => wrapper(call, next),
    innermost,
  );
}

/** A wrapper that sees only the calls of one CRI method; all others pass it by. */
export function onMethod<M extends CriUnaryMethod>(
  method: M,
  wrapper: Wrapper<CriCall<M>, CriResponseInit<M>>,
): CriWrapper {
  return (call, next) =>
    call.method === method
      ? wrapper(call as CriCall<M>, next as (call: CriCall<M>) => Promise<CriResponseInit<M>>)
      : next(call);
}
