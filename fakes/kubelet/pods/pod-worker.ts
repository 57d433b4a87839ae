// Keeps one pod up: brings its sandbox and containers into being through CRI, restarts what ends, and takes all of it down again.
import type { Container } from '../../../proto/types/runtime/v1/Container';
import type { Clock } from '../../base/clock';
import type { RuntimeClient } from '../cri/runtime-client';
import { containerConfig } from './container-config';
import { backOff, type ContainerFacts, type Plan, planPod } from './plan';
import type { ContainerSpec, Pod } from './pod';
import { makeContainerFiles, makePodLogs, type PodPaths, removePodFiles } from './pod-directory';
import { lookAtPods, type PodView } from './pod-view';
import { sandboxConfig } from './sandbox-config';
import { criImageUser } from './security-context';
import { descriptionOf, neverPulled, pullFailure, StartFailure, startFailure } from './start-failure';
import { tearDownPod } from './tear-down';

/** What workers share. */
export interface WorkerContext {
  readonly runtime: RuntimeClient;
  readonly places: PodPaths;
  /** Nanoseconds of a CRI call. */
  readonly requestTimeout: bigint;
  readonly clock: Clock;
  /** Told, in a sentence, what goes wrong with a pod. */
  readonly warn: (sentence: string) => void;
  /** Aborted when the kubelet ends. */
  readonly signal: AbortSignal;
}

/** What is known of a container beyond what planning needs. */
export interface ContainerRecord extends ContainerFacts {
  readonly id: string;
  readonly attempt: number;
  readonly failures: number;
  /** Milliseconds since the epoch; 0: never. */
  readonly startedAt: number;
  /** Why it waits, in Kubernetes' words; empty otherwise. */
  readonly reason: string;
  /** What went wrong, as the runtime said it; empty where nothing did. */
  readonly message: string;
}

const NOT_YET: ContainerRecord = {
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
/** After a failed step, so long nothing is tried (ms, real time). */
const RETRY_MS = 1000;
/** Who ran so long is not held to what failed before: twice the longest pause, as in a kubelet. */
const FORGIVEN_AFTER_MS = 600_000;
/** Exit code of a container that went without a word. */
const KILLED = 137;

export class PodWorker {
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
   * Takes one step from what the runtime has now; true when nothing more is to come soon.
   * Never throws: what fails is tried again later.
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
    // A look at the runtime from before the last step would show what is no longer so.
    if (view.takenAt < this.#steppedAt) return false;
    if (performance.now() < this.#restUntil) return true;
    await this.#ensureSandbox(view);
    await this.#observe(view.containers);
    const { start, settled } = this.#plan();
    if (start.length === 0) return settled;
    for (const container of start) await this.#start(container);
    this.#steppedAt = performance.now();
    await this.#observe((await lookAtPods(this.context.runtime, this.#call, this.pod.uid)).containers);
    return this.#plan().settled;
  }

  #plan(): Plan {
    return planPod(this.pod, this.records, this.context.clock.now());
  }

  get #call() {
    return { timeout: this.context.requestTimeout, signal: this.context.signal };
  }

  async #ensureSandbox(view: PodView): Promise<void> {
    const { runtime, places, requestTimeout, signal, clock } = this.context;
    const isUp = view.sandboxes.some(({ id, state }) => id === this.#sandbox?.id && state === 'SANDBOX_READY');
    if (this.#sandbox && isUp) return;
    // What stands there under this pod's uid is left from an earlier run, or is broken.
    if (view.sandboxes.length > 0 || view.containers.length > 0) {
      await tearDownPod(this.pod, view, { runtime, timeout: requestTimeout, signal, graceSeconds: 0, clock });
    }
    this.records.clear();
    const earlier = this.#isFirst ? -1 : (this.#sandbox?.attempt ?? 0);
    const attempt = Math.max(earlier, ...view.sandboxes.map(({ metadata }) => metadata?.attempt ?? 0)) + 1;
    await makePodLogs(places, this.pod);
    const answer = await runtime.call(
      'RunPodSandbox',
      { config: sandboxConfig(this.pod, places.podLogs, attempt), runtime_handler: this.pod.spec.runtimeHandler },
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
      const ranLong = this.context.clock.now() - record.startedAt >= FORGIVEN_AFTER_MS;
      const failures = ranLong ? 1 : record.failures + 1;
      this.records.set(name, {
        ...record,
        state: 'exited',
        failures,
        notBefore: this.context.clock.now() + backOff(failures),
        exitCode: present ? await this.#exitCode(present.id) : KILLED,
      });
      // Of what ended before, a kubelet keeps the latest only.
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
    const known = this.records.get(container.name) ?? NOT_YET;
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
        this.context.warn(`container ${container.name} of pod ${namespace}/${name} waits, ${reason}: ${message}`);
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
    const { runtime, places } = this.context;
    const imageId = await this.#image(container);
    const named = { image: { image: container.image } };
    const imageUser = criImageUser((await runtime.call('ImageStatus', named, this.#call)).image);
    const files = await makeContainerFiles(places, this.pod, container.name);
    const sandbox = this.#sandbox ?? { id: '', attempt: 0 };
    const { container_id } = await runtime.call(
      'CreateContainer',
      {
        pod_sandbox_id: sandbox.id,
        config: containerConfig(this.pod, container, { imageId, imageUser, attempt, files }),
        sandbox_config: sandboxConfig(this.pod, places.podLogs, sandbox.attempt),
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

  /** Id of the container's image, pulled where the policy says so. */
  async #image(container: ContainerSpec): Promise<string> {
    const { runtime, places, signal } = this.context;
    const image = { image: container.image, annotations: this.pod.annotations };
    const present = (await runtime.call('ImageStatus', { image }, this.#call)).image;
    if (container.imagePullPolicy === 'Never' && !present) throw neverPulled(container.image);
    if (present && container.imagePullPolicy !== 'Always') return present.id;
    const config = sandboxConfig(this.pod, places.podLogs, this.#sandbox?.attempt ?? 0);
    try {
      return (await runtime.call('PullImage', { image, sandbox_config: config }, { signal })).image_ref;
    } catch (error) {
      throw new StartFailure('ErrImagePull', pullFailure(error));
    }
  }

  /** Nothing of the pod is in the runtime any more. */
  isDown = false;

  /**
   * Stops and removes all that the runtime has of the pod; waits for a step that is being taken. Throws CriError.
   * @param graceSeconds that containers get at most, even where their pod grants more
   */
  async tearDown(signal: AbortSignal, graceSeconds: number): Promise<void> {
    await this.#busy;
    const { runtime, places, requestTimeout: timeout, clock } = this.context;
    try {
      const view = await lookAtPods(runtime, { timeout, signal }, this.pod.uid);
      await tearDownPod(this.pod, view, { runtime, timeout, signal, graceSeconds, clock });
      this.isDown = true;
    } finally {
      await removePodFiles(places, this.pod);
    }
  }
}
