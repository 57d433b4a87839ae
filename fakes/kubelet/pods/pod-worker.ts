// Keeps one pod running: creates its sandbox and containers through CRI, restarts containers, and removes the pod.
import type { Container } from '../../../proto/types/runtime/v1/Container';
import type { Clock } from '../../base/clock';
import type { RuntimeClient } from '../cri/runtime-client';
import { containerConfig } from './container-config';
import { backOff, type ContainerFacts, type Plan, planPod } from './plan';
import type { ContainerSpec, Pod } from './pod';
import { makeContainerFiles, makePodLogs, type PodPaths, removePodFiles } from './pod-directory';
import { listPods, type PodView } from './pod-view';
import { sandboxConfig } from './sandbox-config';
import { criImageUser } from './security-context';
import { descriptionOf, neverPulled, pullFailure, StartFailure, startFailure } from './start-failure';
import { tearDownPod } from './tear-down';

/** The objects and settings that all workers share. */
export interface WorkerContext {
  readonly runtime: RuntimeClient;
  readonly podPaths: PodPaths;
  /** Default timeout of a CRI call, nanoseconds. */
  readonly requestTimeout: bigint;
  readonly clock: Clock;
  /** Called with a sentence for each problem with a pod. */
  readonly warn: (sentence: string) => void;
  /** Aborted when the kubelet is closed. */
  readonly signal: AbortSignal;
}

/** The state of a container. */
export interface ContainerRecord extends ContainerFacts {
  /** Id of the container; empty if it has not been created. */
  readonly id: string;
  /** How many times the container has been restarted; -1 if it has not been created. */
  readonly attempt: number;
  readonly failures: number;
  /** Time of the last start, milliseconds since the epoch; 0 if the container was never started. */
  readonly startedAt: number;
  /** Why the container waits, as Kubernetes names it; empty if it does not wait. */
  readonly reason: string;
  /** The runtime's error message; empty if nothing failed. */
  readonly message: string;
}

const NOT_CREATED: ContainerRecord = {
  state: 'waiting',
  exitCode: 0,
  notBefore: 0,
  id: '',
  attempt: -1,
  failures: 0,
  startedAt: 0,
  reason: 'ContainerCreating',
  message: '',
};
/** Pause after a failed step, milliseconds of real time. */
const RETRY_MS = 1000;
/**
 * Time for which a container must run until its earlier failures no longer count, milliseconds: twice the longest
 * pause, as in a kubelet.
 */
const FAILURES_FORGOTTEN_MS = 600_000;
/** Exit code of a container that the runtime no longer lists. */
const KILLED = 137;

/** Keeps one pod running. */
export class PodWorker {
  /** States of the containers that have been started or could not be started, by name. */
  readonly records = new Map<string, ContainerRecord>();
  #sandbox: { readonly id: string; readonly attempt: number } | undefined;
  #isFirst = true;
  #steppedAt = 0;
  #restUntil = 0;
  #busy: Promise<boolean> | undefined;

  constructor(
    readonly pod: Pod,
    readonly context: WorkerContext,
  ) {}

  /**
   * Takes one step. Never throws: a step that fails is tried again later.
   * @param view the pod's sandboxes and containers
   * @returns whether no further step is needed soon
   */
  sync(view: PodView): Promise<boolean> {
    this.#busy ??= this.#sync(view)
      .catch(() => {
        this.#restUntil = performance.now() + RETRY_MS;
        return true;
      })
      .finally(() => {
        this.#busy = undefined;
      });
    return this.#busy;
  }

  async #sync(view: PodView): Promise<boolean> {
    // A view that is older than the last step is out of date.
    if (view.takenAt < this.#steppedAt) return false;
    if (performance.now() < this.#restUntil) return true;
    await this.#ensureSandbox(view);
    await this.#observe(view.containers);
    const { start, settled } = this.#plan();
    if (start.length === 0) return settled;
    for (const container of start) await this.#start(container);
    this.#steppedAt = performance.now();
    await this.#observe((await listPods(this.context.runtime, this.#call, this.pod.uid)).containers);
    return this.#plan().settled;
  }

  #plan(): Plan {
    return planPod(this.pod, this.records, this.context.clock.now());
  }

  get #call() {
    return { timeout: this.context.requestTimeout, signal: this.context.signal };
  }

  async #ensureSandbox(view: PodView): Promise<void> {
    const { runtime, podPaths, requestTimeout, signal, clock } = this.context;
    const isUp = view.sandboxes.some(({ id, state }) => id === this.#sandbox?.id && state === 'SANDBOX_READY');
    if (this.#sandbox && isUp) return;
    // Remove the sandboxes and containers with this pod's uid: they are broken or were left by an earlier kubelet.
    if (view.sandboxes.length > 0 || view.containers.length > 0) {
      await tearDownPod(this.pod, view, { runtime, timeout: requestTimeout, signal, graceSeconds: 0, clock });
    }
    this.records.clear();
    const earlier = this.#isFirst ? -1 : (this.#sandbox?.attempt ?? 0);
    const attempt = Math.max(earlier, ...view.sandboxes.map(({ metadata }) => metadata?.attempt ?? 0)) + 1;
    await makePodLogs(podPaths, this.pod);
    const answer = await runtime.call(
      'RunPodSandbox',
      { config: sandboxConfig(this.pod, podPaths.podLogs, attempt), runtime_handler: this.pod.spec.runtimeHandler },
      { timeout: requestTimeout * 2n, signal },
    );
    this.#isFirst = false;
    this.#steppedAt = performance.now();
    this.#sandbox = { id: answer.pod_sandbox_id, attempt };
    await runtime.call('PodSandboxStatus', { pod_sandbox_id: answer.pod_sandbox_id }, this.#call);
  }

  async #observe(listed: readonly Container[]): Promise<void> {
    const own = listed.filter(({ pod_sandbox_id }) => pod_sandbox_id === this.#sandbox?.id);
    for (const [name, record] of this.records) {
      const present = own.find(({ id }) => id === record.id);
      if (record.state !== 'running' || present?.state === 'CONTAINER_RUNNING') continue;
      const ranLong = this.context.clock.now() - record.startedAt >= FAILURES_FORGOTTEN_MS;
      const failures = ranLong ? 1 : record.failures + 1;
      this.records.set(name, {
        ...record,
        state: 'exited',
        failures,
        notBefore: this.context.clock.now() + backOff(failures),
        exitCode: present ? await this.#exitCode(present.id) : KILLED,
      });
      // Like a kubelet, keep only the latest of a container's exited instances.
      const older = own.filter(
        ({ id, metadata, state }) => id !== record.id && metadata?.name === name && state === 'CONTAINER_EXITED',
      );
      for (const { id } of older) await this.context.runtime.call('RemoveContainer', { container_id: id }, this.#call);
    }
  }

  async #exitCode(id: string): Promise<number> {
    const { status } = await this.context.runtime.call('ContainerStatus', { container_id: id }, this.#call);
    return status?.exit_code ?? 0;
  }

  async #start(container: ContainerSpec): Promise<void> {
    const known = this.records.get(container.name) ?? NOT_CREATED;
    try {
      const attempt = known.attempt + 1;
      const id = await this.#create(container, attempt);
      const startedAt = this.context.clock.now();
      this.records.set(container.name, { ...known, id, attempt, startedAt, state: 'running', reason: '', message: '' });
    } catch (error) {
      const failures = known.failures + 1;
      const { reason, message } = startFailure(error);
      if (!this.context.signal.aborted && (reason !== known.reason || message !== known.message)) {
        const { namespace, name } = this.pod;
        this.context.warn(`container ${container.name} of pod ${namespace}/${name} is waiting (${reason}): ${message}`);
      }
      this.records.set(container.name, {
        ...known,
        state: 'waiting',
        failures,
        notBefore: this.context.clock.now() + backOff(failures + 1),
        reason,
        message,
      });
    }
  }

  async #create(container: ContainerSpec, attempt: number): Promise<string> {
    const { runtime, podPaths } = this.context;
    const imageId = await this.#imageId(container);
    const named = { image: { image: container.image } };
    const imageUser = criImageUser((await runtime.call('ImageStatus', named, this.#call)).image);
    const files = await makeContainerFiles(podPaths, this.pod, container.name);
    const sandbox = this.#sandbox ?? { id: '', attempt: 0 };
    const { container_id } = await runtime.call(
      'CreateContainer',
      {
        pod_sandbox_id: sandbox.id,
        config: containerConfig(this.pod, container, { imageId, imageUser, attempt, files }),
        sandbox_config: sandboxConfig(this.pod, podPaths.podLogs, sandbox.attempt),
      },
      this.#call,
    );
    try {
      await runtime.call('StartContainer', { container_id }, this.#call);
    } catch (error) {
      await runtime.call('RemoveContainer', { container_id }, this.#call).catch(() => {});
      throw new StartFailure('RunContainerError', descriptionOf(error));
    }
    return container_id;
  }

  /** Returns the id of the container's image. Pulls the image if the pull policy requires that. */
  async #imageId(container: ContainerSpec): Promise<string> {
    const { runtime, podPaths, signal } = this.context;
    const image = { image: container.image, annotations: this.pod.annotations };
    const present = (await runtime.call('ImageStatus', { image }, this.#call)).image;
    if (container.imagePullPolicy === 'Never' && !present) throw neverPulled(container.image);
    if (present && container.imagePullPolicy !== 'Always') return present.id;
    const config = sandboxConfig(this.pod, podPaths.podLogs, this.#sandbox?.attempt ?? 0);
    try {
      return (await runtime.call('PullImage', { image, sandbox_config: config }, { signal })).image_ref;
    } catch (error) {
      throw new StartFailure('ErrImagePull', pullFailure(error));
    }
  }

  /** Whether the runtime no longer has any sandbox or container of the pod. */
  isRemoved = false;

  /**
   * Waits for a step that is in progress, and then stops and removes the pod's sandboxes and containers.
   * @param graceSeconds maximum grace period, seconds, even if the pod has a longer grace period
   * @throws CriError if a call fails
   */
  async tearDown(signal: AbortSignal, graceSeconds: number): Promise<void> {
    await this.#busy;
    const { runtime, podPaths, requestTimeout: timeout, clock } = this.context;
    try {
      const view = await listPods(runtime, { timeout, signal }, this.pod.uid);
      await tearDownPod(this.pod, view, { runtime, timeout, signal, graceSeconds, clock });
      this.isRemoved = true;
    } finally {
      await removePodFiles(podPaths, this.pod);
    }
  }
}
