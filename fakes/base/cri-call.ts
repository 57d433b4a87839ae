// Defines CRI calls for interceptors between the client and the handler.
import type { CriMethod, CriRequest, CriResponseInit, CriUnaryMethod } from '../../proto/load';
import type { Wrapper } from './chain';

/**
 * A socket of a fake runtime. `main` is its endpoint. `kubelet` is a second socket only for kubelets, so that
 * interceptors can distinguish the callers.
 */
export type CriSocket = 'main' | 'kubelet';

/** A CRI call with a single response message. */
export interface CriCall<M extends CriUnaryMethod = CriUnaryMethod> {
  readonly method: M;
  readonly request: CriRequest<M>;
  /** Time until the deadline, seconds, from the client's `grpc-timeout`; undefined if the client set no deadline. */
  readonly deadlineSeconds: number | undefined;
  /** The socket at which the call arrived; absent in a call that a fake kubelet makes. */
  readonly socket?: CriSocket;
  /** Aborted when the deadline passes or the client disconnects. */
  readonly signal: AbortSignal;
}

/** Name of a CRI call with a stream of responses. */
export type CriStreamMethod = Exclude<CriMethod, CriUnaryMethod>;

/** A CRI call with a stream of responses. */
export interface CriStreamCall<M extends CriStreamMethod = CriStreamMethod> {
  readonly method: M;
  readonly request: CriRequest<M>;
  readonly deadlineSeconds: number | undefined;
  /** Aborted when the deadline passes or the client disconnects. */
  readonly signal: AbortSignal;
}

/** An interceptor of CRI calls with a single response. */
export type CriWrapper = Wrapper<CriCall, CriResponseInit<CriUnaryMethod>>;

/** The messages of a stream. If the iterable throws, the stream ends with that error. */
export type CriMessages = Iterable<CriResponseInit<CriStreamMethod>> | AsyncIterable<CriResponseInit<CriStreamMethod>>;
/** An interceptor of CRI calls with a stream of responses. */
export type CriStreamWrapper = (call: CriStreamCall, next: (call: CriStreamCall) => CriMessages) => CriMessages;

/**
 * Puts interceptors around the handler of streaming calls.
 * @param wrappers the interceptors; the first one is outermost
 */
export function chainStreams(wrappers: readonly CriStreamWrapper[], innermost: (call: CriStreamCall) => CriMessages) {
  return wrappers.reduceRight<(call: CriStreamCall) => CriMessages>(
    (next, wrapper) => (call) => wrapper(call, next),
    innermost,
  );
}

/**
 * Restricts an interceptor to one CRI method.
 * @returns an interceptor that passes the calls of all other methods on unchanged
 */
export function onMethod<M extends CriUnaryMethod>(
  method: M,
  wrapper: Wrapper<CriCall<M>, CriResponseInit<M>>,
): CriWrapper {
  return (call, next) =>
    call.method === method
      ? wrapper(call as CriCall<M>, next as (call: CriCall<M>) => Promise<CriResponseInit<M>>)
      : next(call);
}

/**
 * Restricts an interceptor to the calls that arrive at one socket.
 * @returns an interceptor that passes all other calls on unchanged
 */
export function onSocket(socket: CriSocket, wrapper: CriWrapper): CriWrapper {
  return (call, next) => (call.socket === socket ? wrapper(call, next) : next(call));
}
