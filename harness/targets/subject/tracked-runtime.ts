// The runtime as one spec uses it. It remembers what the spec creates and removes it when the spec ends.
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import fs from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { errorText } from '../../../fakes/base/error-text';
import type { CriRequestInit, CriResponse, CriUnaryMethod } from '../../../proto/load';
import type {
  Attempt,
  CallOptions,
  ContainerOptions,
  CriOutcome,
  Runtime,
  TestContainer,
} from '../../../specs/subject/subject';
import type { CriClient } from '../../clients/cri-client';
import { countLines, readLog } from './container-log';
import { eitherSignal } from './either-signal';
import { whileListening } from './event-feed';
import type { ExchangeLog } from './exchange-log';
import type { RuntimeAdmin } from './runtime-admin';
import { removeDirectory } from './temporary-directory';

/** Deadline of calls for which a spec sets none, seconds: the kubelet's own default. */
const PATIENCE_SECONDS = 120;

const REMOVAL_TRIES = 10;
const REMOVAL_PAUSE_MS = 200;
/** Time limit for removing everything that a spec created, seconds. What is left is named in the error. */
const REMOVAL_SECONDS = 30;
/** How long the clean-up waits for answers to open calls that create something, milliseconds. */
const MAKING_PATIENCE_MS = 5_000;

const COUNT_IN_LOG = ['/bin/sh', '-c', 'i=0; while true; do echo $i; i=$((i+1)); sleep 0.02; done'];

export interface TrackedRuntimeOptions {
  readonly client: CriClient;
  readonly log: ExchangeLog;
  /** A directory with the same path for the suite and the runtime. */
  readonly scratch: string;
  readonly image: string;
  readonly runtimeHandler: string;
  readonly admin: RuntimeAdmin;
}

/** A sandbox of the spec, with what is needed to create containers in it. */
interface TrackedSandbox {
  readonly id: string;
  readonly config: NonNullable<CriRequestInit<'RunPodSandbox'>['config']>;
  readonly logs: string;
}

export class TrackedRuntime implements AsyncDisposable {
  readonly #options: TrackedRuntimeOptions;
  /**
   * The steps of the clean-up, by the call that each makes. If the spec makes that call itself, the step is removed.
   */
  readonly #undo = new Map<string, () => Promise<unknown>>();
  readonly #sandboxes = new Map<string, TrackedSandbox>();
  /** Aborted when the spec is over; cancels its open calls. */
  readonly #over = new AbortController();
  /** Open calls that create something, with their methods. */
  readonly #making = new Map<Promise<unknown>, string>();
  /** Aborted when the clean-up no longer waits for open calls. */
  readonly #givenUp = new AbortController();
  /** When the removal gives up, in milliseconds of `performance.now`. */
  #removedBy = Number.POSITIVE_INFINITY;

  constructor(options: TrackedRuntimeOptions) {
    this.#options = options;
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
    whileRefusing: (action) => this.#options.admin.during('refuses', action),
    whileSlow: (milliseconds, action) => this.#options.admin.slowly(milliseconds, action),
    restart: () => this.#unlessOver(() => this.#options.admin.restart()),
    whileListening: (action) => this.#unlessOver(() => whileListening(this.#options.client, action)),
    directory: () => this.#unlessOver(() => this.#directory()),
  };

  /**
   * Runs a step unless the spec is over. A spec that was given up continues until its next step, and must create
   * nothing.
   */
  async #unlessOver<T>(step: () => Promise<T>): Promise<T> {
    if (this.#over.signal.aborted) throw new Error('the spec is over');
    return await step();
  }

  /** Runs every step of the clean-up, newest first, even if one fails. Rejects with all errors. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#over.abort();
    const failures = await this.#awaitMaking();
    this.#removedBy = performance.now() + REMOVAL_SECONDS * 1000;
    const steps = [...this.#undo].reverse();
    this.#undo.clear();
    for (const [what, undo] of steps)
      await insist(undo, this.#removedBy).catch((error: unknown) => failures.push(`${what}: ${errorText(error)}`));
    if (failures.length > 0) throw new Error(`not everything could be removed: ${failures.join('; ')}`);
  }

  async #call<M extends CriUnaryMethod>(
    method: M,
    request: CriRequestInit<M>,
    { deadlineSeconds = PATIENCE_SECONDS, signal }: CallOptions = {},
  ): Promise<CriOutcome<M>> {
    const came = this.#options.log.cri(method, request);
    const outcome = await this.#options.client.call(method, request, deadlineSeconds, signal);
    came(outcome);
    if (outcome.ok) this.#undo.delete(`${method} ${idIn(request)}`);
    return outcome;
  }

  /**
   * Calls a method that creates something. The end of the spec does not cancel it: only its answer says what must be
   * removed, and a runtime may complete a call that was cancelled.
   *
   * @param made called with the answer, also after the spec is over
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

  /** Waits for open calls that create something. Returns a message for each that was not answered. */
  async #awaitMaking(): Promise<string[]> {
    const making = [...this.#making.keys()];
    const patience = new AbortController();
    const late = setTimeout(MAKING_PATIENCE_MS, undefined, { signal: patience.signal }).catch(() => {});
    await Promise.race([Promise.allSettled(making), late]);
    patience.abort();
    const unanswered = [...this.#making.values()];
    this.#givenUp.abort();
    await Promise.allSettled(making);
    return unanswered.map((method) => `${method} was not answered, and what it makes may be left`);
  }

  #untilOver({ signal, ...options }: CallOptions = {}): CallOptions {
    return { ...options, signal: eitherSignal(signal, this.#over.signal) };
  }

  /** Makes a call that is not under test. If it fails, the suite reports an error and no broken rule. */
  async #must<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>) {
    return granted(method, await this.#call(method, request, this.#untilOver()));
  }

  async #directory(): Promise<string> {
    const directory = await fs.mkdtemp(path.join(this.#options.scratch, 'spec-'));
    this.#undo.set(directory, () => removeDirectory(directory));
    return directory;
  }

  #undoBy<M extends CriUnaryMethod>(method: M, request: CriRequestInit<M>): void {
    this.#undo.set(`${method} ${idIn(request)}`, async () => {
      const deadlineSeconds = Math.max((this.#removedBy - performance.now()) / 1000, 1);
      const outcome = await this.#call(method, request, {
        deadlineSeconds: Math.min(deadlineSeconds, PATIENCE_SECONDS),
      });
      // Some runtimes answer NOT_FOUND if the container is already removed, which is fine here.
      if (!outcome.ok && outcome.code !== 'NOT_FOUND')
        throw new Error(`${method}: ${outcome.code}: ${outcome.message}`);
    });
  }

  async #sandbox(): Promise<TrackedSandbox> {
    const uid = randomUUID();
    const logs = await this.#directory();
    const config = {
      metadata: { name: `ckptest-${uid}`, namespace: 'ckptest', uid, attempt: 0 },
      log_directory: logs,
      linux: { security_context: { namespace_options: { network: 'NODE' as const } } },
    };
    const request = { config, runtime_handler: this.#options.runtimeHandler };
    const outcome = await this.#make('RunPodSandbox', request, ({ pod_sandbox_id }) => {
      this.#undoBy('RemovePodSandbox', { pod_sandbox_id });
      this.#undoBy('StopPodSandbox', { pod_sandbox_id });
    });
    const { pod_sandbox_id: id } = granted('RunPodSandbox', outcome);
    const sandbox = { id, config, logs };
    this.#sandboxes.set(id, sandbox);
    return sandbox;
  }

  async #created(options: ContainerOptions): Promise<TestContainer> {
    const { outcome, container } = await this.#tried(options);
    if (container) return container;
    granted('CreateContainer', outcome);
    throw new Error('CreateContainer answered without an id');
  }

  async #tried(options: ContainerOptions, again?: Attempt): Promise<Attempt> {
    const {
      image = this.#options.image,
      environment = {},
      labels = {},
      annotations = {},
      attempt = 0,
      beside,
    } = options;
    const command = options.command ?? (options.image === undefined ? COUNT_IN_LOG : []);
    const shared = again?.sandboxId ?? beside?.sandboxId;
    const known = shared === undefined ? undefined : this.#sandboxes.get(shared);
    const { id: sandboxId, config: sandbox, logs } = known ?? (await this.#sandbox());
    const name = beside ? `own-${randomUUID()}` : 'own';
    const log = path.join(logs, `${name}.log`);
    const config = {
      metadata: { name, attempt },
      image: { image, user_specified_image: image },
      command: [...command],
      envs: Object.entries(environment).map(([key, value]) => ({ key, value: Buffer.from(value) })),
      labels,
      annotations,
      log_path: path.basename(log),
      linux: {},
    };
    const request = { pod_sandbox_id: sandboxId, sandbox_config: sandbox, config };
    const outcome = await this.#make('CreateContainer', request, ({ container_id }) => {
      this.#undoBy('RemoveContainer', { container_id });
      this.#undoBy('StopContainer', { container_id, timeout: 0 });
    });
    if (!outcome.ok) return { outcome, sandboxId };
    const { container_id: id } = outcome.response;
    const status = async () => (await this.#must('ContainerStatus', { container_id: id })).status;
    // A restored container may have its log elsewhere than where the request wants it.
    let found = options.image === undefined ? log : '';
    const logFile = async () => {
      if (found === '') found = (await status())?.log_path || log;
      return found;
    };
    const container: TestContainer = {
      id,
      sandboxId,
      progress: async () => countLines(await logFile()),
      log: async () => readLog(await logFile()),
      state: async () => (await status())?.state ?? 'none',
    };
    return { outcome, sandboxId, container };
  }
}

/** Returns the response of a call that is not under test; throws if it failed. */
function granted<M extends CriUnaryMethod>(method: M, outcome: CriOutcome<M>) {
  if (outcome.ok) return outcome.response;
  throw new Error(`${method} failed before the rule could be tried: ${outcome.code}: ${outcome.message}`);
}

/** Returns the container or sandbox id in a request. */
function idIn(request: object): string {
  if ('container_id' in request) return String(request.container_id);
  return 'pod_sandbox_id' in request ? String(request.pod_sandbox_id) : '';
}

/**
 * Repeats a removal step until it succeeds or the time is over. Removals can be repeated, and real runtimes sometimes
 * fail one while a process is ending.
 */
async function insist(step: () => Promise<unknown>, until: number): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await step();
      return;
    } catch (error) {
      if (tries === REMOVAL_TRIES || performance.now() > until) throw error;
      await setTimeout(REMOVAL_PAUSE_MS);
    }
  }
}
