// Sets faults of a fake runtime while an action of a spec runs.
import { status } from '@grpc/grpc-js';
import type { Action, FaultRule } from '../../../fakes/faults/rule';
import type { RuntimeFault } from '../../../specs/subject/subject';
import type { RuntimeAdmin } from './runtime-admin';

/** The fault plan of a fake runtime. */
export interface FaultPlan {
  rules(): Promise<readonly FaultRule[]>;
  /** Replaces all rules. */
  replace(rules: readonly FaultRule[]): Promise<void>;
}

const CHECKPOINTS = { method: 'CheckpointContainer' };
/** The response of gRPC for Go to a method that the server does not implement. */
const UNIMPLEMENTED: Action = {
  abort: { code: 'UNIMPLEMENTED', message: 'method CheckpointContainer not implemented' },
};

const isErrorCode = (name: string): name is Exclude<keyof typeof status, 'OK'> => name in status && name !== 'OK';

function actionFor(fault: RuntimeFault): Action {
  if (fault === 'refuses') return UNIMPLEMENTED;
  if ('delaySeconds' in fault) return { delay: fault.delaySeconds * 1000 };
  const { code, message } = fault.abort;
  return { abort: { code: isErrorCode(code) ? code : 'UNKNOWN', message } };
}

export class TemporaryFaults implements Pick<RuntimeAdmin, 'during' | 'slowly'> {
  readonly #plan: FaultPlan;
  /** Restores the original rules; undefined if no action has changed them. */
  #restore: (() => Promise<void>) | undefined;

  constructor(plan: FaultPlan) {
    this.#plan = plan;
  }

  during<T>(fault: RuntimeFault, action: () => Promise<T>): Promise<T> {
    return this.#with(actionFor(fault), action);
  }

  slowly<T>(milliseconds: number, action: () => Promise<T>): Promise<T> {
    return this.#with({ archive: 'intact', delay: milliseconds }, action);
  }

  /** Restores the original rules if an action has not ended yet. */
  async restore(): Promise<void> {
    await this.#restore?.();
  }

  async #with<T>(fault: Action, action: () => Promise<T>): Promise<T> {
    const before = await this.#plan.rules();
    this.#restore = async () => {
      this.#restore = undefined;
      await this.#plan.replace(before);
    };
    await this.#plan.replace([{ match: CHECKPOINTS, times: 'always', do: fault }, ...before]);
    try {
      return await action();
    } finally {
      await this.restore();
    }
  }
}
