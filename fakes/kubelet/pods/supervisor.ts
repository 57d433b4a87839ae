// Keeps all pods of a kubelet running: lists the runtime's containers every second and lets each pod take its next step.
import { setMaxListeners } from 'node:events';
import { pause } from '../../base/waiting';
import type { Pod, PodSource } from './pod';
import { removeEmptyDirectories } from './pod-directory';
import { listPods, type PodView, viewOf } from './pod-view';
import { type ContainerRecord, PodWorker, type WorkerContext } from './pod-worker';

/** Interval at which a kubelet lists the runtime's containers, milliseconds. */
const RELIST_MS = 1000;
/** Pause between two steps while pods start, milliseconds of real time. */
const SETTLE_STEP_MS = 25;
/** Maximum time that the shutdown waits until the runtime has removed the pods, milliseconds of real time. */
const MAX_TEAR_DOWN_MS = 20_000;
/** Maximum grace period of containers on shutdown, seconds. */
const SHUTDOWN_GRACE_SECONDS = 2;

/** A pod and the state of its containers. */
export interface PodReport {
  readonly pod: Pod;
  readonly containers: ReadonlyMap<string, ContainerRecord>;
}

const fullName = ({ namespace, name }: Pick<Pod, 'namespace' | 'name'>) => `${namespace}/${name}`;

/** Keeps pods running until it is closed. */
export class PodSupervisor {
  readonly #workers = new Map<string, PodWorker>();
  /** Pods that are being removed. A new pod with the same name waits until the removal is complete. */
  readonly #removing = new Map<PodWorker, Promise<void>>();
  readonly #end = new AbortController();
  readonly #context: WorkerContext;
  #disarm = () => {};
  #listing: Promise<PodView> | undefined;
  #hadPods = false;

  constructor(context: Omit<WorkerContext, 'signal'>) {
    // Allow any number of listeners: each pod listens to the signal during its calls, and a node has many pods.
    setMaxListeners(0, this.#end.signal);
    this.#context = { ...context, signal: this.#end.signal };
  }

  /** Returns the pod with this name, unless it is being removed. */
  find(namespace: string, name: string): Pod | undefined {
    return this.#workers.get(`${namespace}/${name}`)?.pod;
  }

  /** Returns all pods and the state of their containers. */
  report(): PodReport[] {
    return [...this.#workers.values()].map(({ pod, records }) => ({ pod, containers: records }));
  }

  /** Adds a pod, which starts later. If there is a pod with the same name, that pod is removed first. */
  add(pod: Pod): void {
    const key = fullName(pod);
    if (this.#workers.get(key)?.pod.uid === pod.uid) return;
    this.remove(pod.namespace, pod.name);
    this.#workers.set(key, new PodWorker(pod, this.#context));
    this.#hadPods = true;
  }

  /**
   * Removes a pod.
   * @returns a promise that resolves when the pod is removed; undefined if there is no such pod
   */
  remove(namespace: string, name: string): Promise<void> | undefined {
    const key = `${namespace}/${name}`;
    const worker = this.#workers.get(key);
    if (!worker) return undefined;
    this.#workers.delete(key);
    const removed = this.#tearDown(worker).finally(() => this.#removing.delete(worker));
    this.#removing.set(worker, removed);
    return removed;
  }

  /** Repeats the removal until the runtime has removed the pod or the kubelet is closed. */
  async #tearDown(worker: PodWorker): Promise<void> {
    const { signal, clock } = this.#context;
    while (!signal.aborted) {
      try {
        await worker.tearDown(signal, Number.POSITIVE_INFINITY);
        return;
      } catch {
        await pause(clock, RELIST_MS, signal).catch(() => {});
      }
    }
  }

  /** Replaces the pods of one source: adds new pods and removes missing pods. */
  replace(source: PodSource, pods: readonly Pod[]): void {
    const wanted = new Set(pods.map(fullName));
    for (const { pod } of this.#workers.values()) {
      if (pod.source === source && !wanted.has(fullName(pod))) void this.remove(pod.namespace, pod.name);
    }
    for (const pod of pods) this.add(pod);
  }

  /**
   * Starts the pods, waits until they run, and keeps them running from then on.
   * @param timeoutMs maximum time to wait, milliseconds of real time
   */
  async start(timeoutMs: number): Promise<void> {
    await this.settle(timeoutMs);
    this.#arm();
  }

  /**
   * Lets the pods take steps until all of them run or have failed.
   * @param timeoutMs maximum time to wait, milliseconds of real time
   * @returns false if some pods have neither started nor failed in this time
   */
  async settle(timeoutMs: number): Promise<boolean> {
    if (this.#workers.size === 0) return true;
    const end = performance.now() + timeoutMs;
    const late = new Promise<'late'>((resolve) => setTimeout(resolve, timeoutMs, 'late').unref());
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
    return [...this.#removing.keys()].some((other) => fullName(other.pod) === fullName(pod));
  }

  /** Lists the runtime's containers, lets each idle pod take one step, and returns whether all pods are settled. */
  async #relist(): Promise<boolean> {
    if (this.#workers.size === 0) return true;
    const { runtime, requestTimeout: timeout, signal } = this.#context;
    this.#listing ??= listPods(runtime, { timeout, signal }).finally(() => {
      this.#listing = undefined;
    });
    let all: PodView;
    try {
      all = await this.#listing;
    } catch {
      // If the runtime is not reachable, try again later.
      return false;
    }
    const settled = await Promise.all(
      [...this.#workers.values()].map((worker) =>
        this.#isNameTaken(worker) ? false : worker.sync(viewOf(all, worker.pod.uid)),
      ),
    );
    return settled.every(Boolean);
  }

  /** Stops and removes all pods. Does not throw if the runtime is not running. */
  async close(): Promise<void> {
    this.#disarm();
    this.#end.abort();
    const signal = AbortSignal.timeout(MAX_TEAR_DOWN_MS);
    setMaxListeners(0, signal);
    const removing = [...this.#removing];
    await Promise.all(removing.map(([, removal]) => removal));
    const unfinished = removing.map(([worker]) => worker).filter((worker) => !worker.isRemoved);
    const rest = [...this.#workers.values(), ...unfinished];
    await Promise.allSettled(rest.map((worker) => worker.tearDown(signal, SHUTDOWN_GRACE_SECONDS)));
    if (this.#hadPods) await removeEmptyDirectories(this.#context.podPaths);
  }
}
