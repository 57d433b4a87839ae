// The shape of the code that answers CRI calls, and what it works on.
import type { CriResponseInit, CriUnaryMethod } from '../../proto/load';
import type { Clock } from '../clock';
import type { Ids } from '../ids';
import type { CriCall, CriMessages, CriStreamCall, CriStreamMethod } from '../wires';
import type { EventHub } from './event-hub';
import type { ExecRules } from './exec-rules';
import type { Lifecycle } from './lifecycle';
import type { Registry } from './registry';
import type { Restorer } from './restorer';
import type { RuntimeSettings } from './settings';
import type { Store } from './store';

/** Answers to some of the unary calls, by name; each throws a Refusal where it does not do what is asked. */
export type Answers = {
  readonly [M in CriUnaryMethod]?: (call: CriCall<M>) => CriResponseInit<M> | Promise<CriResponseInit<M>>;
};

/** Answers to the calls that stream, by name. */
export type Streams = { readonly [M in CriStreamMethod]: (call: CriStreamCall) => CriMessages };

/** What the answers work on. */
export interface Runtime {
  readonly store: Store;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly settings: RuntimeSettings;
  /** Names of runtime handlers besides the default, whose name is empty. */
  readonly handlers: readonly string[];
  /** A folder that exists and holds the runtime's own files. */
  readonly stateDirectory: string;
  readonly events: EventHub;
  readonly registry: Registry;
  readonly restorer: Restorer;
  /** Answers of ExecSync that were laid down beforehand. */
  readonly execRules: ExecRules;
}
