// The types of the functions that handle CRI calls.
import type { CriUnaryMethod } from '../../../proto/load';
import type { CriCall, CriMessages, CriStreamCall, CriStreamMethod } from '../../base/cri-call';
import type { HandlerResponse } from './encoded-response';

/** Handlers of unary calls, by method. A handler that cannot do what a request requires throws a RuntimeError. */
export type UnaryHandlers = {
  readonly [M in CriUnaryMethod]?: (call: CriCall<M>) => HandlerResponse<M> | Promise<HandlerResponse<M>>;
};

/** Handlers of streaming calls, by method. */
export type StreamHandlers = { readonly [M in CriStreamMethod]: (call: CriStreamCall) => CriMessages };
