// All pods of a kubelet: looks at the runtime once a second, as a kubelet does, and lets each pod take its next step.
import { setMaxListeners } from 'node:events';
import type { Pod } from './pod';
import { removeEmptyFolders } from './pod-directory';
import { lookAtPods, type PodView, viewOf } from './pod-view';
import { type ContainerRecord, PodWorker, type WorkerContext } from './pod-worker';

const RELIST_MS = 1000;
/** While the pods come up at start, which is by real time. */
const SETTLE_STEP_MS = 25;
/** The runtime gets so long to take the pods down (ms, real time), so that an end with a hanging runtime is an end. */
const TEAR_DOWN_MS = 20_000;

/** A pod and what became of its containers. */
export interface PodReport {
  readonly pod: Pod;
  readonly containers: ReadonlyMap<string, ContainerRecord>;
}

export class PodSupervisor {
  readonly #workers: readonly PodWorker[];
  readonly #byName = new Map<string, PodWorker>();
  readonly #end = new AbortController();
  readonly #context: WorkerContext;
  #disarm = () => {};
  #looking: Promise<PodView> | undefined;

  constructor(pods: readonly Pod[], context: Omit<WorkerContext, 'signal'>) {
    // Each pod may have calls on their way.
    setMaxListeners(0, this.#end.signal);
    this.#context = { ...context, signal: this.#end.signal };
    this.#workers = pods.map((pod) => new PodWorker(pod, this.#context));
    for (const worker of this.#workers) this.#byName.set(`${worker.pod.namespace}/${worker.pod.name}`, worker);
  }

  find(namespace: string, name: string): Pod | undefined {
    return this.#byName.get(`${namespace}/${name}`)?.pod;
  }

  report(): PodReport[] {
    return this.#workers.map(({ pod, records }) => ({ pod, containers: records }));
  }

  /**
   * Brings the pods up and keeps them up from then on.
   * @param patienceMs real time after which it is returned though some pod is still on its way
   */
  async start(patienceMs: number): Promise<void> {
    if (this.#workers.length === 0) return;
    const end = performance.now() + patienceMs;
    const late = new Promise<boolean>((resolve) => setTimeout(resolve, patienceMs, true).unref());
    while (performance.now() < end && !(await Promise.race([this.#relist(), late]))) {
      await new Promise((resolve) => setTimeout(resolve, SETTLE_STEP_MS));
    }
    this.#arm();
  }

  #arm(): void {
    if (this.#end.signal.aborted) return;
    this.#disarm = this.#context.clock.after(RELIST_MS, () => {
      void this.#relist();
      this.#arm();
    });
  }

  /** One look at the runtime, and one step of each pod that is not in one; true when all pods are settled. */
  async #relist(): Promise<boolean> {
    const { runtime, requestTimeout: timeout, signal } = this.#context;
    this.#looking ??= lookAtPods(runtime, { timeout, signal }).finally(() => {
      this.#looking = undefined;
    });
    let all: PodView;
    try {
      all = await this.#looking;
    } catch {
      // A runtime that is down is looked at again later.
      return false;
    }
    const settled = await Promise.all(this.#workers.map((worker) => worker.sync(viewOf(all, worker.pod.uid))));
    return settled.every(Boolean);
  }

  /** Ends the care for the pods, and the pods. Does not throw where the runtime is gone. */
  async close(): Promise<void> {
    this.#disarm();
    this.#end.abort();
    const signal = AbortSignal.timeout(TEAR_DOWN_MS);
    setMaxListeners(0, signal);
    await Promise.allSettled(this.#workers.map((worker) => worker.tearDown(signal)));
    if (this.#workers.length > 0) await removeEmptyFolders(this.#context.places);
  }
}
