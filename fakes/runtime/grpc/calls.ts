// The shape of the code that answers CRI calls.
import type { CriResponseInit, CriUnaryMethod } from '../../../proto/load';
import type { CriCall, CriMessages, CriStreamCall, CriStreamMethod } from '../../base/cri-call';

/** Answers to some of the unary calls, by name; each throws a Refusal where it does not do what is asked. */
export type Answers = {
  readonly [M in CriUnaryMethod]?: (call: CriCall<M>) => CriResponseInit<M> | Promise<CriResponseInit<M>>;
};

/** Answers to the calls that stream, by name. */
export type Streams = { readonly [M in CriStreamMethod]: (call: CriStreamCall) => CriMessages };
