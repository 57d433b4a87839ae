// All pods of a kubelet: looks at the runtime once a second, as a kubelet does, and lets each pod take its next step.
import { setMaxListeners } from 'node:events';
import type { Pod, PodSource } from './pod';
import { removeEmptyDirectories } from './pod-directory';
import { lookAtPods, type PodView, viewOf } from './pod-view';
import { type ContainerRecord, PodWorker, type WorkerContext } from './pod-worker';

const RELIST_MS = 1000;
/** While the pods come up at start, which is by real time. */
const SETTLE_STEP_MS = 25;
/** The runtime gets so long to take the pods down (ms, real time), so that an end with a hanging runtime is an end. */
const TEAR_DOWN_MS = 20_000;
/** At the kubelet's own end nobody waits for a container's usual grace period (s). */
const LAST_GRACE_SECONDS = 2;

/** A pod and what became of its containers. */
export interface PodReport {
  readonly pod: Pod;
  readonly containers: ReadonlyMap<string, ContainerRecord>;
}

const fullName = ({ namespace, name }: Pick<Pod, 'namespace' | 'name'>) => `${namespace}/${name}`;

export class PodSupervisor {
  readonly #workers = new Map<string, PodWorker>();
  /** Pods that are being taken down; another one of the same name waits for them. */
  readonly #leaving = new Map<PodWorker, Promise<void>>();
  readonly #end = new AbortController();
  readonly #context: WorkerContext;
  #disarm = () => {};
  #looking: Promise<PodView> | undefined;
  #hadPods = false;

  constructor(context: Omit<WorkerContext, 'signal'>) {
    // Each pod may have calls on their way.
    setMaxListeners(0, this.#end.signal);
    this.#context = { ...context, signal: this.#end.signal };
  }

  find(namespace: string, name: string): Pod | undefined {
    return this.#workers.get(`${namespace}/${name}`)?.pod;
  }

  report(): PodReport[] {
    return [...this.#workers.values()].map(({ pod, records }) => ({ pod, containers: records }));
  }

  /** Takes up a pod; one of the same name is taken down first. It comes up by and by. */
  add(pod: Pod): void {
    const key = fullName(pod);
    if (this.#workers.get(key)?.pod.uid === pod.uid) return;
    this.remove(pod.namespace, pod.name);
    this.#workers.set(key, new PodWorker(pod, this.#context));
    this.#hadPods = true;
  }

  /** Gives up a pod; what is returned comes true when it is down, or undefined where there is no such pod. */
  remove(namespace: string, name: string): Promise<void> | undefined {
    const key = `${namespace}/${name}`;
    const worker = this.#workers.get(key);
    if (!worker) return undefined;
    this.#workers.delete(key);
    const gone = this.#takeDown(worker).finally(() => this.#leaving.delete(worker));
    this.#leaving.set(worker, gone);
    return gone;
  }

  /** Tries until the runtime has taken the pod down, or the kubelet ends. */
  async #takeDown(worker: PodWorker): Promise<void> {
    const { signal, clock } = this.#context;
    while (!signal.aborted) {
      try {
        await worker.tearDown(signal, Number.POSITIVE_INFINITY);
        return;
      } catch {
        // The kubelet's end may be what made the call fail: it is told of only once.
        if (signal.aborted) return;
        await new Promise<void>((resolve) => {
          const disarm = clock.after(RELIST_MS, resolve);
          const onEnd = () => {
            disarm();
            resolve();
          };
          signal.addEventListener('abort', onEnd, { once: true });
        });
      }
    }
  }

  /** Makes the pods of one source these: new ones are taken up, missing ones given up. */
  replace(source: PodSource, pods: readonly Pod[]): void {
    const wanted = new Set(pods.map(fullName));
    for (const { pod } of this.#workers.values()) {
      if (pod.source === source && !wanted.has(fullName(pod))) void this.remove(pod.namespace, pod.name);
    }
    for (const pod of pods) this.add(pod);
  }

  /**
   * Brings the pods up and keeps them up from then on.
   * @param patienceMs real time after which it is returned though some pod is still on its way
   */
  async start(patienceMs: number): Promise<void> {
    await this.settle(patienceMs);
    this.#arm();
  }

  /**
   * Steps on until all pods are settled; true when they are.
   * @param patienceMs real time after which it is given up
   */
  async settle(patienceMs: number): Promise<boolean> {
    if (this.#workers.size === 0) return true;
    const end = performance.now() + patienceMs;
    const late = new Promise<'late'>((resolve) => setTimeout(resolve, patienceMs, 'late').unref());
    while (performance.now() < end) {
      const seen = await Promise.race([this.#relist(), late]);
      if (seen === 'late') return false;
      if (seen) return true;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_STEP_MS));
    }
    return false;
  }

  #arm(): void {
    if (this.#end.signal.aborted) return;
    this.#disarm = this.#context.clock.after(RELIST_MS, () => {
      void this.#relist();
      this.#arm();
    });
  }

  #isNameTaken({ pod }: PodWorker): boolean {
    return [...this.#leaving.keys()].some((leaving) => fullName(leaving.pod) === fullName(pod));
  }

  /** One look at the runtime, and one step of each pod that is not in one; true when all pods are settled. */
  async #relist(): Promise<boolean> {
    if (this.#workers.size === 0) return true;
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
    const settled = await Promise.all(
      [...this.#workers.values()].map((worker) =>
        this.#isNameTaken(worker) ? false : worker.sync(viewOf(all, worker.pod.uid)),
      ),
    );
    return settled.every(Boolean);
  }

  /** Ends the care for the pods, and the pods. Does not throw where the runtime is gone. */
  async close(): Promise<void> {
    this.#disarm();
    this.#end.abort();
    const signal = AbortSignal.timeout(TEAR_DOWN_MS);
    setMaxListeners(0, signal);
    const leaving = [...this.#leaving];
    await Promise.all(leaving.map(([, gone]) => gone));
    const rest = [...this.#workers.values(), ...leaving.map(([worker]) => worker).filter((worker) => !worker.isDown)];
    await Promise.allSettled(rest.map((worker) => worker.tearDown(signal, LAST_GRACE_SECONDS)));
    if (this.#hadPods) await removeEmptyDirectories(this.#context.places);
  }
}
