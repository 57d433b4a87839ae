// The runtime as one spec uses it: what is made here is remembered, and removed when the spec ends.
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

/** Deadline of calls that a spec leaves it to us, seconds: the kubelet's own default. */
const PATIENCE_SECONDS = 120;

const REMOVAL_TRIES = 10;
const REMOVAL_PAUSE_MS = 200;
/** Longest that the removal of all that a spec made may take, seconds; what is left then is named. */
const REMOVAL_SECONDS = 30;
/** Longest that a spec's end waits for the answer to a call that makes something, milliseconds. */
const MAKING_PATIENCE_MS = 5_000;

const COUNT_IN_LOG = ['/bin/sh', '-c', 'i=0; while true; do echo $i; i=$((i+1)); sleep 0.02; done'];

export interface TrackedRuntimeOptions {
  readonly client: CriClient;
  readonly log: ExchangeLog;
  /** A directory that the runtime sees at the same path. */
  readonly scratch: string;
  readonly image: string;
  readonly runtimeHandler: string;
  readonly admin: RuntimeAdmin;
}

/** A sandbox made here, with what containers of it need to know. */
interface TrackedSandbox {
  readonly id: string;
  readonly config: NonNullable<CriRequestInit<'RunPodSandbox'>['config']>;
  readonly logs: string;
}

export class TrackedRuntime implements AsyncDisposable {
  readonly #options: TrackedRuntimeOptions;
  /** By what it undoes, so that a spec may do it itself. */
  readonly #undo = new Map<string, () => Promise<unknown>>();
  readonly #sandboxes = new Map<string, TrackedSandbox>();
  /** Aborted when the spec is over: what it still asks is given up then. */
  readonly #over = new AbortController();
  /** Calls that make something and are not answered yet, by what they make. */
  readonly #making = new Map<Promise<unknown>, string>();
  /** Aborted when their answers are not waited for any more. */
  readonly #givenUp = new AbortController();
  /** When removal gives up, as `performance.now` tells it. */
  #removedBy = Number.POSITIVE_INFINITY;

  constructor(options: TrackedRuntimeOptions) {
    this.#options = options;
    setMaxListeners(0, this.#over.signal, this.#givenUp.signal);
  }

  /** What the spec gets to see. */
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

  /** A spec that was given up goes on until its next step; it must make nothing any more. */
  async #unlessOver<T>(step: () => Promise<T>): Promise<T> {
    if (this.#over.signal.aborted) throw new Error('the spec is over');
    return await step();
  }

  /** Removes everything, newest first; every step is tried. Rejects with the first that failed. */
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
   * A call that makes something. The spec's end does not cancel it: only its answer says what there is to remove,
   * and a runtime may well make what nobody waits for.
   * @param made told of the answer, also when the spec is over
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

  /** Waits a while for what is being made; returns what may be left of calls that were not answered. */
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

  /** A call that a spec takes for granted; its failure is not the rule's. */
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
      // Older runtimes say so of what is gone already, which is what removal wants.
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
    const container: TestContainer = {
      id,
      sandboxId,
      progress: () => countLines(log),
      log: () => readLog(log),
      state: async () => {
        const { status } = await this.#must('ContainerStatus', { container_id: id });
        return status?.state ?? 'none';
      },
    };
    return { outcome, sandboxId, container };
  }
}

/** The answer to a call that a spec takes for granted. */
function granted<M extends CriUnaryMethod>(method: M, outcome: CriOutcome<M>) {
  if (outcome.ok) return outcome.response;
  throw new Error(`${method} failed before the rule could be tried: ${outcome.code}: ${outcome.message}`);
}

/** What a request is about: a container or a sandbox. */
function idIn(request: object): string {
  if ('container_id' in request) return String(request.container_id);
  return 'pod_sandbox_id' in request ? String(request.pod_sandbox_id) : '';
}

/** Removal can be asked for again, and real runtimes now and then fail one that comes while a process is ending. */
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
