// Makes the runtime interface for one spec. The interface tracks what the spec creates, and removes everything when the
// spec ends.
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { CriRequestInit, CriResponse, CriUnaryMethod } from '../../../proto/load';
import { Unsupported } from '../../../specs/subject/expect';
import type {
  Attempt,
  CallOptions,
  ContainerOptions,
  CriOutcome,
  Runtime,
  TestContainer,
} from '../../../specs/subject/subject';
import { missingReason } from '../missing-calls';
import { trackedLog } from './container-log';
import { eitherSignal } from './either-signal';
import { whileListening } from './event-feed';
import type { ExchangeLog } from './exchange-log';
import { endOfRemoval, failuresOf, insistOn, LeftBehind } from './removal';
import type { SharedRuntime, TrackedSandbox } from './shared-runtime';
import { archiveImage } from './suite-pod';
import { removeDirectory } from './temporary-directory';

/** Default deadline of a spec's calls, seconds: the kubelet's own default. */
const PATIENCE_SECONDS = 120;
/** How long the clean-up waits for responses to open calls that create something, milliseconds. */
const MAKING_PATIENCE_MS = 5_000;

const COUNT_IN_LOG = ['/bin/sh', '-c', 'i=0; while true; do echo $i; i=$((i+1)); sleep 0.02; done'];

const REMOVALS: readonly CriUnaryMethod[] = ['StopContainer', 'RemoveContainer', 'StopPodSandbox', 'RemovePodSandbox'];

/** A container of the spec, with the removal calls that the spec itself made. */
interface MadeContainer {
  readonly sandbox: TrackedSandbox;
  readonly done: Set<string>;
}

export class TrackedRuntime implements AsyncDisposable {
  readonly #shared: SharedRuntime;
  readonly #log: ExchangeLog;
  readonly #containers = new Map<string, MadeContainer>();
  readonly #sandboxes = new Map<string, TrackedSandbox>();
  readonly #directories: string[] = [];
  /** Aborted when the spec is over; cancels its open calls. */
  readonly #over = new AbortController();
  /** Open calls that create something, with their methods. */
  readonly #making = new Map<Promise<unknown>, string>();
  /** Aborted when the clean-up no longer waits for open calls. */
  readonly #givenUp = new AbortController();

  constructor(shared: SharedRuntime, log: ExchangeLog) {
    this.#shared = shared;
    this.#log = log;
    setMaxListeners(0, this.#over.signal, this.#givenUp.signal);
  }

  /** The interface for the spec. */
  readonly runtime: Runtime = {
    call: (method, request, options) => this.#unlessOver(() => this.#call(method, request, this.#untilOver(options))),
    created: (options) => this.#unlessOver(() => this.#created(options ?? {})),
    tried: (options, again) => this.#unlessOver(() => this.#tried(options ?? {}, again)),
    started: async (options) => {
      const container = await this.#unlessOver(() => this.#created(options ?? {}));
      await this.#must('StartContainer', { container_id: container.id });
      return container;
    },
    checkpointed: (container, location) => this.#unlessOver(() => this.#checkpointed(container.id, location)),
    dumps: () => this.#shared.dumps,
    whileRefusing: (action) => this.#shared.options.admin.during('refuses', action),
    whileSlow: (milliseconds, action) => this.#shared.options.admin.slowly(milliseconds, action),
    restart: () => this.#unlessOver(() => this.#shared.options.admin.restart()),
    whileListening: (action) => this.#unlessOver(() => whileListening(this.#shared.options.client, action)),
    directory: () => this.#unlessOver(() => this.#directory()),
  };

  /**
   * Runs a step. Throws an Error if the spec is over: a spec that exceeded its time limit continues until its next
   * step, but must not create anything.
   */
  async #unlessOver<T>(step: () => Promise<T>): Promise<T> {
    if (this.#over.signal.aborted) throw new Error('the spec is over');
    return await step();
  }

  /**
   * Removes the containers, then reuses or removes their sandboxes. Every step is tried.
   *
   * @throws Error that names everything that could not be removed
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    const unanswered = await this.#awaitMaking();
    const until = endOfRemoval();
    const containers = [...this.#containers].map(([id, container]) => this.#removeContainer(id, container, until));
    const failures = [...unanswered, ...(await failuresOf(containers))];
    const rest = [
      ...[...this.#sandboxes.values()].map((sandbox) => this.#shared.giveBack(sandbox, until)),
      ...this.#directories.map(removeDirectory),
    ];
    failures.push(...(await failuresOf(rest)));
    if (failures.length > 0) throw new LeftBehind(failures);
  }

  async #removeContainer(container_id: string, { sandbox, done }: MadeContainer, until: number): Promise<void> {
    if (done.has('RemoveContainer')) return;
    const { client } = this.#shared.options;
    try {
      if (!done.has('StopContainer')) await insistOn(client, 'StopContainer', { container_id, timeout: 0 }, until);
      await insistOn(client, 'RemoveContainer', { container_id }, until);
    } catch (error) {
      sandbox.done.add('not emptied');
      throw error;
    }
  }

  async #call<M extends CriUnaryMethod>(
    method: M,
    request: CriRequestInit<M>,
    { deadlineSeconds = PATIENCE_SECONDS, signal }: CallOptions = {},
  ): Promise<CriOutcome<M>> {
    const came = this.#log.cri(method, request);
    const outcome = await this.#shared.options.client.call(method, request, deadlineSeconds, signal);
    came(outcome);
    if (!outcome.ok && outcome.code === 'UNIMPLEMENTED' && this.#shared.options.missingCalls?.has(method))
      throw new Unsupported(missingReason(method, outcome.message));
    if (outcome.ok && REMOVALS.includes(method)) this.#made(request)?.done.add(method);
    return outcome;
  }

  /** Returns the container or sandbox that a request names, if the spec created it. */
  #made(request: object): { readonly done: Set<string> } | undefined {
    if ('container_id' in request) return this.#containers.get(String(request.container_id));
    return 'pod_sandbox_id' in request ? this.#sandboxes.get(String(request.pod_sandbox_id)) : undefined;
  }

  /**
   * Calls a method that creates something. The call is not cancelled when the spec ends, because only the response says
   * what must be removed. A runtime may also complete a cancelled call.
   *
   * @param made called with the response, even after the spec is over
   */
  async #make<M extends 'RunPodSandbox' | 'CreateContainer'>(
    method: M,
    request: CriRequestInit<M>,
    made: (response: CriResponse<M>) => void,
  ): Promise<CriOutcome<M>> {
    const making = this.#unlessOver(() => this.#call(method, request, { signal: this.#givenUp.signal }));
    const noted = making
      .then((outcome) => {
        if (outcome.ok) made(outcome.response);
      })
      .finally(() => this.#making.delete(noted));
    this.#making.set(noted, method);
    await noted;
    return await making;
  }

  /** Waits for open calls that create something. Returns a message for each call without a response. */
  async #awaitMaking(): Promise<string[]> {
    const making = [...this.#making.keys()];
    const patience = new AbortController();
    const late = setTimeout(MAKING_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([Promise.allSettled(making), late]);
    patience.abort();
    const unanswered = [...this.#making.values()];
    this.#givenUp.abort();
    await Promise.allSettled(making);
    return unanswered.map((method) => `${method} was not answered, and what it creates may be left behind`);
  }

  #untilOver({ signal, ...options }: CallOptions = {}): CallOptions {
    return { ...options, signal: eitherSignal(signal, this.#over.signal) };
  }

  /** Makes a call that is not under test. If the call fails, the suite reports an error and not a broken rule. */
  async #must<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>) {
    return granted(method, await this.#call(method, request, this.#untilOver()));
  }

  /**
   * Checkpoints a container. Repeats a failed checkpoint once, because CRIU sometimes fails to dump a running process.
   */
  async #checkpointed(container_id: string, location: string): Promise<CriOutcome<'CheckpointContainer'>> {
    const { dumps } = this.#shared;
    for (let left = 2; ; left--) {
      const outcome = await this.#call('CheckpointContainer', { container_id, location }, this.#untilOver());
      dumps.tried++;
      if (!outcome.ok) dumps.failures.push(`${outcome.code}: ${outcome.message}`);
      if (outcome.ok || left === 1) return outcome;
    }
  }

  async #directory(): Promise<string> {
    const directory = await fs.mkdtemp(path.join(this.#shared.options.scratch, 'spec-'));
    this.#directories.push(directory);
    return directory;
  }

  async #sandbox(): Promise<TrackedSandbox> {
    const idle = this.#shared.takeIdle();
    if (idle) {
      this.#sandboxes.set(idle.id, idle);
      return idle;
    }
    const files = await this.#shared.newPod();
    const request = { config: files.pod.config, runtime_handler: this.#shared.options.runtimeHandler };
    let sandbox: TrackedSandbox | undefined;
    const outcome = await this.#make('RunPodSandbox', request, ({ pod_sandbox_id: id }) => {
      sandbox = { ...files, id, done: new Set() };
      this.#sandboxes.set(id, sandbox);
    });
    // If the call was cancelled, keep the files, because the sandbox may exist and use them. The files are removed with
    // the directory of the target.
    if (!outcome.ok && outcome.code !== 'CANCELLED') await removeDirectory(files.directory);
    granted('RunPodSandbox', outcome);
    if (!sandbox) throw new Error('RunPodSandbox answered without an id');
    return sandbox;
  }

  async #created(options: ContainerOptions): Promise<TestContainer> {
    const { outcome, container } = await this.#tried(options);
    if (container) return container;
    granted('CreateContainer', outcome);
    throw new Error('CreateContainer answered without an id');
  }

  async #tried(options: ContainerOptions, again?: Attempt): Promise<Attempt> {
    const { beside, image: archive } = options;
    const sandbox = this.#sandboxes.get(again?.sandboxId ?? beside?.sandboxId ?? '') ?? (await this.#sandbox());
    const command = options.command ?? (archive === undefined ? COUNT_IN_LOG : []);
    const image = archive === undefined ? await this.#shared.image() : archiveImage(archive);
    const name = beside ? `own-${randomUUID()}` : 'own';
    const config = await sandbox.pod.container(name, image, command, options);
    const { id: sandboxId } = sandbox;
    const request = { pod_sandbox_id: sandboxId, sandbox_config: sandbox.pod.config, config };
    const outcome = await this.#make('CreateContainer', request, ({ container_id }) => {
      this.#containers.set(container_id, { sandbox, done: new Set() });
    });
    if (!outcome.ok) {
      // The runtime may have kept a part of the container, such as its name.
      sandbox.done.add('CreateContainer');
      return { outcome, sandboxId };
    }
    const { container_id: id } = outcome.response;
    const { labels } = config;
    const logPath = sandbox.pod.logPath(config);
    const container: TestContainer = {
      id,
      sandboxId,
      labels,
      logPath,
      ...trackedLog(this.#shared.options.client, id, logPath),
      state: async () => {
        const { status } = await this.#must('ContainerStatus', { container_id: id });
        return status?.state ?? 'none';
      },
    };
    return { outcome, sandboxId, container };
  }
}

/** Returns the response of a call that is not under test; throws an Error if the call failed. */
function granted<M extends CriUnaryMethod>(method: M, outcome: CriOutcome<M>) {
  if (outcome.ok) return outcome.response;
  throw new Error(`${method} failed before the rule could be tried: ${outcome.code}: ${outcome.message}`);
}
