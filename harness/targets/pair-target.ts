// The target that the suite makes: a runtime that is up, and a fake kubelet in front of it for each set of circumstances.
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type FakeKubelet, type FakeKubeletOptions, startFakeKubelet } from '../../fakes/kubelet/server';
import { Violation } from '../../specs/expect';
import type { Circumstances, Need } from '../../specs/subject';
import { CriClient } from '../clients/cri-client';
import { KubeletClient } from '../clients/kubelet-client';
import type { TargetDescription } from '../results';
import { ExchangeLog } from './exchange-log';
import { askedRoot, kubeletOptions } from './fake-kubelet-options';
import { type KubeletFacts, kubeletNode, type RuntimeHold } from './kubelet-node';
import { OwnRuntime, type RuntimeMeans } from './own-runtime';
import { type PodContainers, podContainers, writeManifests } from './pods';
import { Surroundings } from './surroundings';
import type { SpecSubject, Target } from './target';

/** runtimeRequestTimeout of a kubelet that was not told otherwise, seconds. */
const DEFAULT_REQUEST_TIMEOUT = 120;
/** Longest that the pods of a node may take to come up: no rule speaks of that. Milliseconds. */
const PODS_PATIENCE_MS = 60_000;
/** How often a condition is asked for again, milliseconds. */
const ASK_AGAIN_MS = 20;

export interface PairOptions {
  readonly description: TargetDescription;
  readonly runtimeEndpoint: string;
  readonly imageEndpoint: string;
  readonly runtimeHandler: string;
  readonly image: string;
  /** A private folder that the runtime sees at the same path. */
  readonly scratch: string;
  readonly hold: RuntimeHold;
  readonly means: RuntimeMeans;
  /** What deviations make of a kubelet's options. */
  readonly bendKubelet: (options: FakeKubeletOptions) => FakeKubeletOptions;
  /** How long a spec waits for a condition, milliseconds. */
  readonly patienceMs: number;
  /** Ends what stands behind the endpoint, if that is ours. */
  readonly close: () => Promise<void>;
}

interface StartedNode {
  readonly facts: KubeletFacts;
  readonly kubelet: FakeKubelet;
}

export class PairTarget implements Target {
  readonly description: TargetDescription;
  readonly #options: PairOptions;
  readonly #cri: CriClient;
  readonly #surroundings: Surroundings;
  readonly #nodes = new Map<string, Promise<StartedNode>>();
  #started = 0;
  #closed = false;

  constructor(options: PairOptions) {
    this.#options = options;
    this.description = options.description;
    this.#cri = new CriClient(options.runtimeEndpoint, options.imageEndpoint);
    this.#surroundings = new Surroundings(options.scratch, options.runtimeEndpoint);
  }

  lacks(need: Need): string | undefined {
    if (need === 'root' && process.getuid?.() !== 0) return 'only root may give files to others, and this is not root';
    return this.description.lacks[need];
  }

  subject(): SpecSubject {
    const { hold, scratch, image, runtimeHandler, means } = this.#options;
    const log = new ExchangeLog();
    const own = new OwnRuntime({ client: this.#cri, log, scratch, image, runtimeHandler, means });
    return {
      runtime: own.runtime,
      exchanges: log.exchanges,
      node: async (circumstances = {}) => kubeletNode((await this.#node(circumstances)).facts, hold, this.#cri, log),
      until: (what, probe, condition) => this.#until(what, probe, condition),
      [Symbol.asyncDispose]: () => own[Symbol.asyncDispose](),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const closed = await Promise.allSettled([...this.#nodes.values()].map(closeNode));
    this.#cri.close();
    await this.#surroundings[Symbol.asyncDispose]();
    await this.#options.close();
    const failed = closed.find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #until<T>(what: string, probe: () => Promise<T>, condition: (value: T) => boolean): Promise<T> {
    const { patienceMs } = this.#options;
    const [met, value] = await ask(probe, condition, patienceMs);
    if (!met) throw new Violation(what, `a change within ${patienceMs / 1000} s`, JSON.stringify(value));
    return value;
  }

  /** Nodes are started when first asked for, and kept: one for each set of circumstances. */
  async #node(circumstances: Circumstances): Promise<StartedNode> {
    // A spec that was given up goes on until its next step; it must start nothing any more.
    if (this.#closed) throw new Error('the run is over');
    const key = JSON.stringify(circumstances);
    const known = this.#nodes.get(key) ?? this.#start(circumstances, ++this.#started);
    this.#nodes.set(key, known);
    // One that did not come up is started anew for the next spec that asks.
    known.catch(() => this.#nodes.delete(key));
    return known;
  }

  async #start(circumstances: Circumstances, number: number): Promise<StartedNode> {
    const { imageEndpoint, scratch, image, bendKubelet } = this.#options;
    const nodeName = `node${number}`;
    const folder = path.join(scratch, nodeName);
    const manifests = path.join(folder, 'manifests');
    await fs.mkdir(manifests, { recursive: true });
    await writeManifests(manifests, image);
    const runtimeRequestTimeoutSeconds = circumstances.runtimeRequestTimeoutSeconds ?? DEFAULT_REQUEST_TIMEOUT;
    const around = await this.#surroundings.around(circumstances);
    const kubelet = await startFakeKubelet(
      bendKubelet({
        ...kubeletOptions(circumstances, { folder, manifests, around, runtimeRequestTimeoutSeconds }),
        imageEndpoint,
        nodeName,
      }),
    );
    const containers = podContainers(nodeName);
    try {
      await this.#podsAreUp(containers);
    } catch (error) {
      await kubelet.close();
      throw error;
    }
    const { certificateAuthority, clientCertificate, clientKey } = kubelet.credentials;
    const client = new KubeletClient({ url: kubelet.url, certificateAuthority, clientCertificate, clientKey });
    const { issue } = await this.#surroundings.authority();
    const place = { url: kubelet.url, authority: await fs.readFile(certificateAuthority, 'utf8') };
    const { relay, apiServer } = around;
    const facts: KubeletFacts = {
      client,
      containers,
      rootDirectory: askedRoot(circumstances, folder),
      runtimeRequestTimeoutSeconds,
      issue,
      ...(kubelet.readOnlyUrl && { readOnly: new KubeletClient({ url: kubelet.readOnlyUrl }) }),
      ...(apiServer && { apiServer: apiServer.forNode(nodeName, place, issue) }),
      ...(relay && { relay }),
    };
    return { kubelet, facts };
  }

  async #podsAreUp({ running, other, exited, exitedInit }: PodContainers): Promise<void> {
    const wanted = [
      [running, 'CONTAINER_RUNNING'],
      [other, 'CONTAINER_RUNNING'],
      [exited, 'CONTAINER_EXITED'],
      [exitedInit, 'CONTAINER_EXITED'],
    ] as const;
    const missing = async () => {
      const outcome = await this.#cri.call('ListContainers', { filter: {} });
      const found = outcome.ok ? outcome.response.containers : [];
      return wanted
        .filter(
          ([name, state]) =>
            !found.some(
              ({ labels, state: seen }) =>
                seen === state &&
                labels['io.kubernetes.pod.namespace'] === name.namespace &&
                labels['io.kubernetes.pod.name'] === name.pod &&
                labels['io.kubernetes.container.name'] === name.container,
            ),
        )
        .map(([name, state]) => `${name.pod}/${name.container} ${state}`);
    };
    const [up, left] = await ask(missing, (names) => names.length === 0, PODS_PATIENCE_MS);
    if (!up)
      throw new Error(`the pods of the suite did not come up within ${PODS_PATIENCE_MS / 1000} s: ${left.join(', ')}`);
  }
}

/** Asks until the condition holds or the time is over; says whether it held, and the last answer. */
async function ask<T>(
  probe: () => Promise<T>,
  condition: (value: T) => boolean,
  patienceMs: number,
): Promise<readonly [met: boolean, value: T]> {
  for (const end = performance.now() + patienceMs; ; await setTimeout(ASK_AGAIN_MS)) {
    const value = await probe();
    if (condition(value)) return [true, value];
    if (performance.now() > end) return [false, value];
  }
}

/** A node that never came up has nothing to close: its start has cleaned up after itself. */
async function closeNode(node: Promise<StartedNode>): Promise<void> {
  const started = await node.catch(() => undefined);
  started?.facts.client.close();
  started?.facts.readOnly?.close();
  await started?.kubelet.close();
}
