// What the code that answers CRI calls works on.
import type { Clock } from '../../base/clock';
import type { Ids } from '../../base/ids';
import type { Restorer } from '../checkpoint/restorer';
import type { Lifecycle } from '../state/lifecycle';
import type { Registry } from '../state/registry';
import type { RuntimeSettings } from '../state/settings';
import type { Store } from '../state/store';
import type { EventHub } from './event-hub';
import type { ExecRules } from './exec-rules';

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
