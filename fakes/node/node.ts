// Starts a fake node for tests: the fake runtime, and the fake kubelet that uses it.
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { removeLeftovers } from '../archive/writing/temporary-file';
import { privateDirectory } from '../base/private-directory';
import { applyToKubelet } from '../deviations/apply';
import { persona } from '../deviations/personas/personas';
import type { FaultRule } from '../faults/rule';
import { checkpointsDirectory } from '../kubelet/naming';
import type { HttpRecord } from '../kubelet/request-log';
import { type FakeKubelet, type FakeKubeletOptions, startFakeKubelet } from '../kubelet/server';
import type { CheckpointImage } from '../runtime/checkpoint/checkpoint-image';
import type { Controlled, NodeState, PodName } from './control/controlled';
import { type ControlAccess, type ControlServer, startControl } from './control/server';
import { QuickRemoval } from './quick-removal';
import { type FakeRuntime, type RuntimeOptions, startFakeRuntime } from './runtime';

/** Options of a fake node. */
export interface NodeOptions extends ControlAccess {
  /** The runtime's persona. Default: `reference`. */
  readonly persona?: string;
  /** The kubelet's persona. Default: a kubelet 1.36. */
  readonly kubeletPersona?: string;
  /** Fault rules that apply after the pods have started, and again after each reset. */
  readonly faults?: readonly FaultRule[];
  /** Manifests (YAML or JSON) of the pods that are started initially and after each reset. */
  readonly pods?: readonly string[];
  /** References of images that the runtime has initially. */
  readonly images?: readonly string[];
  /** Additional options of the runtime. */
  readonly runtime?: Omit<RuntimeOptions, 'persona' | 'faults' | 'images' | 'controlAddress'>;
  /** Additional options of the kubelet. Default for the root directory: a private temporary directory. */
  readonly kubelet?: Partial<Omit<FakeKubeletOptions, 'runtimeEndpoint' | 'clock'>>;
  /** `HOST:PORT` of the control address. Default: no control address. */
  readonly controlAddress?: string;
}

/** A running fake node. */
export interface FakeNode extends Controlled, AsyncDisposable {
  readonly runtime: FakeRuntime;
  readonly kubelet: FakeKubelet;
  /** URL of the kubelet: `https://ADDRESS:PORT`. */
  readonly url: string;
  /** URL of the control address; undefined if there is none. */
  readonly controlUrl: string | undefined;
  /** Stops the kubelet and the runtime, and removes their temporary directories. */
  close(): Promise<void>;
}

const keyOf = ({ namespace, name }: PodName) => `${namespace}/${name}`;

/** The initial pods: their sandboxes, and their running containers. */
interface Baseline {
  readonly pods: ReadonlySet<string>;
  readonly sandboxes: ReadonlySet<string>;
  readonly containers: string;
}

const sandboxesOf = ({ control }: FakeRuntime) => control.state().sandboxes.map(({ id }) => id);
const containersOf = ({ control }: FakeRuntime, sandboxes: ReadonlySet<string>) =>
  control
    .state()
    .containers.filter(({ sandboxId }) => sandboxes.has(sandboxId))
    .map(({ id, state }) => `${id} ${state}`)
    .sort()
    .join();

class Node implements FakeNode {
  #baseline: Baseline = { pods: new Set(), sandboxes: new Set(), containers: '' };
  /** The last request before the last reset. */
  #lastRequest: HttpRecord | undefined;
  #control: ControlServer | undefined;
  #closing: Promise<void> | undefined;
  /** The initial pods that come from options and not from a manifest directory. */
  #handedIn: ReadonlySet<string> = new Set();

  constructor(
    readonly options: NodeOptions,
    readonly runtime: FakeRuntime,
    readonly kubelet: FakeKubelet,
    readonly removal: QuickRemoval,
    readonly removeDirectory: () => Promise<void>,
  ) {}

  get url() {
    return this.kubelet.url;
  }
  get controlUrl() {
    return this.#control?.url;
  }
  get faults() {
    return this.runtime.faults;
  }
  get clock() {
    return this.runtime.clock;
  }

  calls() {
    return this.runtime.calls;
  }

  requests() {
    const all = this.kubelet.requests;
    return this.#lastRequest ? all.slice(all.lastIndexOf(this.#lastRequest) + 1) : all;
  }

  state(): NodeState {
    const { runtime, kubelet } = this;
    return {
      persona: runtime.persona,
      runtime: { endpoint: runtime.endpoint, ...runtime.control.state() },
      kubelet: { url: kubelet.url, rootDirectory: kubelet.rootDirectory, pods: this.#pods() },
    };
  }

  addCheckpointImage(image: CheckpointImage): Promise<void> {
    return this.runtime.control.addCheckpointImage(image);
  }

  setCheckpointTime(millisecondsPerMiB: number): void {
    this.runtime.control.setCheckpointTime(millisecondsPerMiB);
  }

  addPod(manifest: string, requirePath?: (file: string) => void) {
    return this.kubelet.addPod(manifest, requirePath);
  }

  removePod(namespace: string, name: string) {
    return this.kubelet.removePod(namespace, name);
  }

  /** Starts everything that the options describe. */
  async begin(): Promise<void> {
    for (const manifest of this.options.pods ?? []) await this.addPod(manifest);
    this.#remember();
    this.runtime.faults.set(this.options.faults ?? []);
    if (this.options.controlAddress !== undefined)
      this.#control = await startControl(this.options.controlAddress, this, this.options);
  }

  async reset(): Promise<void> {
    const { runtime, options } = this;
    const { pods, sandboxes, containers } = this.#baseline;
    runtime.faults.clear();
    await this.#takeDown(this.#pods().filter((pod) => !pods.has(keyOf(pod))));
    const isWhole = this.#pods().length === pods.size && containersOf(runtime, sandboxes) === containers;
    if (!isWhole) {
      await this.#takeDown(this.#pods().filter((pod) => this.#handedIn.has(keyOf(pod))));
      for (const manifest of options.pods ?? []) await this.addPod(manifest);
      this.#remember();
    }
    runtime.control.reset(this.#baseline.sandboxes);
    runtime.clock.reset();
    await this.#removeArchives();
    this.#lastRequest = this.kubelet.requests.at(-1);
    runtime.faults.set(options.faults ?? []);
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      await this.#control?.close();
      this.runtime.faults.clear();
      await this.removal.during(
        () => this.kubelet.close(),
        () => true,
      );
      await this.runtime.close();
      await this.removeDirectory();
    })();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #pods(): PodName[] {
    return this.kubelet.pods().map(({ pod: { namespace, name } }) => ({ namespace, name }));
  }

  /** Removes pods as a kubelet does, without the grace period of their containers. */
  async #takeDown(pods: readonly PodName[]): Promise<void> {
    const keys = new Set(pods.map(keyOf));
    await this.removal.during(
      () => Promise.all(pods.map(({ namespace, name }) => this.removePod(namespace, name))),
      (pod) => keys.has(keyOf(pod)),
    );
  }

  #remember(): void {
    const sandboxes = new Set(sandboxesOf(this.runtime));
    const handedIn = this.kubelet.pods().filter(({ pod }) => pod.source === 'api');
    this.#handedIn = new Set(handedIn.map(({ pod }) => keyOf(pod)));
    this.#baseline = {
      pods: new Set(this.#pods().map(keyOf)),
      sandboxes,
      containers: containersOf(this.runtime, sandboxes),
    };
  }

  async #removeArchives(): Promise<void> {
    if (this.options.kubelet?.rootDirectory !== undefined) return;
    const directory = path.join(this.kubelet.rootDirectory, 'checkpoints');
    for (const name of await readdir(directory).catch(() => []))
      await rm(path.join(directory, name), { recursive: true });
  }
}

/**
 * Starts a runtime and a kubelet that uses it. Waits until the kubelet responds and the pods are running.
 * @param options the personas, faults, pods and further options; default: a node without pods, with the default
 * personas
 * @returns the running node; close it when it is no longer needed
 * @throws UserError if an option is not valid; the failed start leaves no processes and no files
 */
export async function startFakeNode(options: NodeOptions = {}): Promise<FakeNode> {
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const kubeletDeviation = persona(options.kubeletPersona ?? 'reference', '--kubelet-persona', 'kubelet');
    const removal = new QuickRemoval(() => runtime.control);
    const runtime: FakeRuntime = await startFakeRuntime({
      ...options.runtime,
      cri: [...(options.runtime?.cri ?? []), removal.cri],
      ...(options.images && { images: options.images }),
      ...(options.persona !== undefined && { persona: options.persona }),
    });
    undo.push(() => runtime.close());
    // Validate the rules before the pods are started. The rules take effect after the start.
    runtime.faults.set(options.faults ?? []);
    runtime.faults.clear();
    const { rootDirectory } = options.kubelet ?? {};
    const directory = rootDirectory === undefined ? await privateDirectory('node') : undefined;
    const removeDirectory = async () => {
      if (directory !== undefined) await rm(directory, { recursive: true, force: true });
    };
    undo.push(removeDirectory);
    // Remove the files that a killed process left in a root directory that still exists.
    if (rootDirectory !== undefined) await removeLeftovers(checkpointsDirectory(rootDirectory));
    const kubelet = await startFakeKubelet(
      applyToKubelet(
        {
          nodeName: 'node1',
          ...options.kubelet,
          rootDirectory: rootDirectory ?? path.join(directory ?? '', 'root'),
          runtimeEndpoint: runtime.endpoint,
          clock: runtime.clock,
          http: [...(options.kubelet?.http ?? []), runtime.faultWrappers.http],
        },
        kubeletDeviation.effects(() => runtime.control),
      ),
    );
    undo.push(() => kubelet.close());
    const node = new Node(options, runtime, kubelet, removal, removeDirectory);
    await node.begin();
    return node;
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  }
}
