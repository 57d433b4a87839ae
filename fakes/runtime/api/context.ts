// The parts of a runtime that the handlers of CRI calls use.
import type { Clock } from '../../base/clock';
import type { Ids } from '../../base/ids';
import type { Restorer } from '../checkpoint/restorer';
import type { Lifecycle } from '../state/lifecycle';
import type { Registry } from '../state/registry';
import type { RuntimeSettings } from '../state/settings';
import type { Store } from '../state/store';
import type { EventHub } from './event-hub';
import type { ExecRules } from './exec-rules';

/** The parts of a runtime that handlers use. */
export interface Runtime {
  readonly store: Store;
  readonly lifecycle: Lifecycle;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly settings: RuntimeSettings;
  /** Names of the runtime handlers, in addition to the default handler, whose name is empty. */
  readonly handlers: readonly string[];
  /** An existing directory for the runtime's own files. */
  readonly stateDirectory: string;
  readonly events: EventHub;
  readonly registry: Registry;
  readonly restorer: Restorer;
  /** Prepared responses to ExecSync. */
  readonly execRules: ExecRules;
}
