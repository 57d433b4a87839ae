// Removes pods without their grace periods: while a kubelet removes the pods, their containers are killed.
import { type CriWrapper, onMethod } from '../base/cri-call';
import type { ContainerView, RuntimeControl } from '../runtime/control';
import type { PodName } from './control/controlled';

/** Exit code of a process that was killed by SIGKILL. */
const KILLED = 137;

type Control = Pick<RuntimeControl, 'state' | 'container' | 'sandbox' | 'exit'>;

export class QuickRemoval {
  readonly #control: () => Control;
  /** The pods that are being removed, one filter for each removal. */
  readonly #removals = new Set<(pod: PodName) => boolean>();

  /** @param control returns the runtime's control interface; called only after the runtime has started */
  constructor(control: () => Control) {
    this.#control = control;
  }

  /** An interceptor of the runtime's calls. It ends containers that a kubelet starts in a pod that is being removed. */
  readonly cri: CriWrapper = onMethod('StartContainer', async (call, next) => {
    const response = await next(call);
    const container = this.#removals.size > 0 && this.#control().container(call.request.container_id);
    if (container) this.#endIfRemoved(container);
    return response;
  });

  /**
   * Runs an action that makes a kubelet remove pods.
   * @param isRemoved returns whether the action removes a pod
   */
  async during<T>(action: () => Promise<T>, isRemoved: (pod: PodName) => boolean): Promise<T> {
    this.#removals.add(isRemoved);
    try {
      const done = action();
      for (const container of this.#control().state().containers) this.#endIfRemoved(container);
      return await done;
    } finally {
      this.#removals.delete(isRemoved);
    }
  }

  #endIfRemoved({ id, sandboxId, state }: ContainerView): void {
    const pod = this.#control().sandbox(sandboxId);
    const isRemoved = pod !== undefined && [...this.#removals].some((removal) => removal(pod));
    if (isRemoved && state === 'CONTAINER_RUNNING') this.#control().exit(id, KILLED);
  }
}
