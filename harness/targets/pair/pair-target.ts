// Makes a target of kubelets that the suite starts, fake or real, and the runtimes behind them.
import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { Undo } from '../../../fakes/base/undo';
import type { Circumstances, DumpTally, Need } from '../../../specs/subject/subject';
import { CriClient } from '../../clients/cri-client';
import { KubeletClient } from '../../clients/kubelet-client';
import type { TargetDescription } from '../../report/results';
import { containerIdBy } from '../subject/container-id';
import { ExchangeLog } from '../subject/exchange-log';
import { type KubeletFacts, kubeletNode } from '../subject/kubelet-node';
import { containersOf, podContainers, podsAreUp, writeManifests } from '../subject/pods';
import { SharedRuntime } from '../subject/shared-runtime';
import { TrackedRuntime } from '../subject/tracked-runtime';
import { waitUntil } from '../subject/wait-until';
import type { SpecSubject, Target } from '../target';
import { KubeletEnvironment } from './kubelet-connections';
import { kubeletOptionsFor } from './kubelet-options';
import type { StartKubelet } from './kubelets';
import { NodePool, type PooledNode } from './node-pool';
import { type Pki, writePki } from './pki';
import type { RuntimeSide } from './runtime-side';

/** The gRPC codes of calls to a runtime that has exited or does not respond. */
const DEAD_CODES = ['UNAVAILABLE', 'DEADLINE_EXCEEDED'];
const ALIVE_SECONDS = 5;
const ALIVE_TRIES = 5;
const ALIVE_PAUSE_MS = 500;

export interface PairOptions {
  readonly description: TargetDescription;
  /** The runtime that specs call directly. */
  readonly runtime: RuntimeSide;
  /**
   * The state that specs share on `runtime`. It already exists if the runtime was probed. Default: the target creates
   * this state. `close` disposes of it.
   */
  readonly shared?: SharedRuntime;
  /** Starts a second, independent runtime. It is closed with the target. */
  readonly secondRuntime?: () => Promise<RuntimeSide>;
  /**
   * Starts a separate runtime for the kubelet of a node. This runtime is closed with the node. Default: all kubelets
   * use `runtime`.
   */
  readonly runtimeOfNode?: () => Promise<RuntimeSide>;
  readonly runtimeHandler: string;
  readonly image: string;
  /** A private directory with the same path for the suite and the runtimes. */
  readonly scratch: string;
  readonly startKubelet: StartKubelet;
  /** Whether the runtime of the nodes supports only one kubelet at a time. */
  readonly isExclusive?: boolean;
  /** Returns the name of a node from its number, which counts from 1. */
  readonly nodeName?: (number: number) => string;
  /** Called after the kubelet of a node has ended. */
  readonly afterNode?: (nodeName: string) => Promise<void>;
  /** If aborted, the target starts no more kubelets and runtimes. */
  readonly signal?: AbortSignal;
  /** How long a spec waits for a condition, milliseconds. */
  readonly patienceMs: number;
  /** See `Target.another`. */
  readonly another?: () => Promise<Target>;
  /** See `Target.parallel`. */
  readonly parallel?: number;
  /** Called last. Stops the runtime if the suite started it. */
  readonly close: () => Promise<void>;
}

/** A runtime that is independent of the first one. */
interface SecondRuntime {
  readonly side: RuntimeSide;
  readonly client: CriClient;
  readonly shared: SharedRuntime;
}

interface StartedNode extends PooledNode {
  readonly facts: KubeletFacts;
}

export class PairTarget implements Target {
  readonly description: TargetDescription;
  readonly another?: () => Promise<Target>;
  readonly parallel: number;
  readonly #options: PairOptions;
  readonly #cri: CriClient;
  readonly #environment: KubeletEnvironment;
  readonly #nodes: NodePool<StartedNode>;
  #pki: Promise<Pki> | undefined;
  readonly #shared: SharedRuntime;
  #second: Promise<SecondRuntime> | undefined;

  constructor(options: PairOptions) {
    this.#options = options;
    this.description = options.description;
    if (options.another) this.another = options.another;
    this.parallel = options.parallel ?? 1;
    this.#cri = new CriClient(options.runtime.runtimeEndpoint, options.runtime.imageEndpoint);
    this.#shared = options.shared ?? this.#share(options.runtime, this.#cri);
    this.#environment = new KubeletEnvironment(options.scratch);
    this.#nodes = new NodePool({
      start: (circumstances, number, signal) => this.#start(circumstances, number, signal),
      isExclusive: options.isExclusive ?? false,
      ...(options.signal && { signal: options.signal }),
    });
  }

  lacks(need: Need): string | undefined {
    if (need === 'root' && process.getuid?.() !== 0)
      return 'only root can give files to other users, and the suite does not run as root';
    if (need === 'second-runtime' && !this.#options.secondRuntime)
      return 'the rule needs a second runtime of the same kind, and this target has only one; the built-in fakes have two';
    return this.description.lacks[need];
  }

  /**
   * Starts the node with default circumstances, so that a kubelet that cannot be started is reported before any spec
   * runs.
   */
  async warmUp(): Promise<void> {
    const holder = {};
    await this.#nodes.lease({}, holder);
    this.#nodes.release(holder);
  }

  /**
   * Returns why the runtime is gone. A runtime is gone if it does not respond to Version within the time that a restart
   * takes.
   */
  async gone(): Promise<string | undefined> {
    const version = () => this.#cri.call('Version', { version: 'v1' }, ALIVE_SECONDS);
    let outcome = await version();
    for (let tries = 1; !outcome.ok && DEAD_CODES.includes(outcome.code); tries++) {
      if (tries === ALIVE_TRIES) return `the runtime no longer answers (${outcome.code}: ${outcome.message})`;
      await setTimeout(ALIVE_PAUSE_MS);
      outcome = await version();
    }
    return undefined;
  }

  subject(onlyWaits = () => {}): SpecSubject {
    const log = new ExchangeLog();
    const own = new TrackedRuntime(this.#shared, log);
    const over = new AbortController();
    // A spec may send many requests at once, and each adds a listener.
    setMaxListeners(0, over.signal);
    const undo = new Undo();
    undo.add(() => own[Symbol.asyncDispose]());
    undo.add(() => this.#nodes.release(own));
    return {
      runtime: own.runtime,
      archivesFrom: this.description.lacks['runtime'] === undefined ? 'runtime' : 'kubelet',
      exchanges: log.exchanges,
      unanswered: () => log.unanswered(),
      node: async (circumstances = {}) =>
        kubeletNode((await this.#nodes.lease(circumstances, own)).facts, log, over.signal),
      elsewhere: async () => {
        const { shared } = await this.#elsewhere();
        const second = new TrackedRuntime(shared, log);
        undo.add(() => second[Symbol.asyncDispose]());
        return second.runtime;
      },
      until: waitUntil(this.#options.patienceMs),
      onlyWaits,
      [Symbol.asyncDispose]: () => {
        over.abort();
        return undo.run();
      },
    };
  }

  dumps(): DumpTally {
    return this.#shared.dumps;
  }

  #share({ admin }: RuntimeSide, client: CriClient): SharedRuntime {
    const { scratch, image, runtimeHandler } = this.#options;
    return new SharedRuntime({ client, admin, scratch, image, runtimeHandler });
  }

  /** Starts the second runtime on first use. Throws Error if the target has no second runtime. */
  #elsewhere(): Promise<SecondRuntime> {
    const { secondRuntime } = this.#options;
    if (!secondRuntime) throw new Error('this target has no second runtime');
    this.#second ??= secondRuntime().then((side) => {
      const client = new CriClient(side.runtimeEndpoint, side.imageEndpoint);
      return { side, client, shared: this.#share(side, client) };
    });
    return this.#second;
  }

  async #closeSecond(): Promise<void> {
    const second = await this.#second;
    if (!second) return;
    const undo = new Undo();
    undo.add(() => second.side.close());
    undo.add(() => second.client.close());
    undo.add(() => second.shared[Symbol.asyncDispose]());
    await undo.run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const undo = new Undo();
    undo.add(() => this.#options.close());
    undo.add(() => this.#closeSecond());
    undo.add(() => this.#environment[Symbol.asyncDispose]());
    undo.add(() => this.#cri.close());
    // Close both at the same time, because a runtime may take long to stop a sandbox.
    const parts = [this.#shared[Symbol.asyncDispose](), this.#nodes.close()];
    undo.add(async () => void (await Promise.all(parts)));
    undo.add(async () => void (await Promise.allSettled(parts)));
    await undo.run();
  }

  async #start(circumstances: Circumstances, number: number, signal: AbortSignal): Promise<StartedNode> {
    const { runtime, runtimeOfNode, scratch, image, startKubelet, afterNode } = this.#options;
    const nodeName = this.#options.nodeName?.(number) ?? `node${number}`;
    const undo = new Undo();
    try {
      const side = runtimeOfNode ? await runtimeOfNode() : runtime;
      if (runtimeOfNode) undo.add(() => side.close());
      const cri = new CriClient(side.runtimeEndpoint, side.imageEndpoint);
      undo.add(() => cri.close());
      const authority = await this.#environment.authority();
      this.#pki ??= writePki(scratch, authority);
      const { serving, client: access } = await this.#pki;
      const connections = await this.#environment.connections(circumstances, side);
      const options = await kubeletOptionsFor(scratch, nodeName, circumstances, { connections, serving });
      await writeManifests(options.manifests, image);
      const containers = podContainers(nodeName);
      if (afterNode) undo.add(() => afterNode(nodeName));
      const kubelet = await startKubelet(options, signal);
      undo.add(() => kubelet.close());
      const look = () => {
        signal.throwIfAborted();
        const ended = kubelet.ended();
        if (ended !== undefined) throw new Error(ended);
        return containersOf(cri);
      };
      await podsAreUp(look, containers);
      const client = new KubeletClient({ url: kubelet.url, ...access });
      undo.add(() => client.close());
      const readOnly =
        connections.readOnlyPort > 0 && new KubeletClient({ url: `http://127.0.0.1:${connections.readOnlyPort}` });
      if (readOnly) undo.add(() => readOnly.close());
      const { relay, apiServer } = connections;
      const { issue, pem } = authority;
      const facts: KubeletFacts = {
        client,
        containers,
        rootDirectory: options.rootDirectory,
        runtimeRequestTimeoutSeconds: options.runtimeRequestTimeoutSeconds,
        admin: side.admin,
        ended: () => kubelet.ended(),
        containerId: containerIdBy(cri),
        issue,
        ...(readOnly && { readOnly }),
        ...(apiServer && { apiServer: apiServer.forNode(nodeName, { url: kubelet.url, authority: pem }, issue) }),
        ...(relay && { relay }),
      };
      return { facts, ended: () => kubelet.ended(), close: () => undo.run() };
    } catch (error) {
      await undo.run().catch(() => {});
      throw error;
    }
  }
}
