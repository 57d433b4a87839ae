// Keeps the state that the specs of a target share on one runtime: sandboxes, the image, and the number of failed
// checkpoints.
import fs from 'node:fs/promises';
import path from 'node:path';
import { criImageUser } from '../../../fakes/kubelet/pods/security-context';
import type { CriClient } from '../../clients/cri-client';
import type { MissingCalls } from '../missing-calls';
import { endOfRemoval, failuresOf, insistOn, LeftBehind } from './removal';
import type { RuntimeAdmin } from './runtime-admin';
import { type SuiteImage, SuitePod } from './suite-pod';
import { removeDirectory } from './temporary-directory';

const CALL_SECONDS = 120;

export interface SharedRuntimeOptions {
  readonly client: CriClient;
  /** A directory with the same path for the suite and the runtime. */
  readonly scratch: string;
  readonly image: string;
  readonly runtimeHandler: string;
  readonly admin: RuntimeAdmin;
  /** The calls that the runtime does not implement. Rules that need one of these calls are unsupported. */
  readonly missingCalls?: MissingCalls;
}

/** A pod with its files. The runtime may not have its sandbox yet. */
export interface PodFiles {
  readonly pod: SuitePod;
  readonly directory: string;
}

/** A sandbox that only one spec uses. */
export interface TrackedSandbox extends PodFiles {
  readonly id: string;
  /**
   * The calls of the spec that changed the sandbox, or that failed in it. A sandbox with such a call is removed instead
   * of being reused.
   */
  readonly done: Set<string>;
}

export class SharedRuntime implements AsyncDisposable {
  readonly options: SharedRuntimeOptions;
  readonly dumps: { tried: number; failures: string[] } = { tried: 0, failures: [] };
  #image: Promise<SuiteImage> | undefined;
  readonly #idle: TrackedSandbox[] = [];
  /** Descriptions of what could not be removed. They are reported when this object is disposed of. */
  readonly #left: string[] = [];

  constructor(options: SharedRuntimeOptions) {
    this.options = options;
  }

  /** Returns the image of the suite in the form in which a kubelet requests it. */
  image(): Promise<SuiteImage> {
    this.#image ??= this.#findImage();
    return this.#image;
  }

  /** Returns an empty sandbox that another spec has used; undefined if there is no such sandbox. */
  takeIdle(): TrackedSandbox | undefined {
    return this.#idle.pop();
  }

  /** Creates the files of a pod. */
  async newPod(): Promise<PodFiles> {
    const directory = await fs.mkdtemp(path.join(this.options.scratch, 'pod-'));
    const pod = new SuitePod(directory, this.options.runtimeHandler);
    await pod.prepare();
    return { pod, directory };
  }

  /** Keeps an empty sandbox for another spec, or removes it if the spec has changed it. */
  async giveBack(sandbox: TrackedSandbox, until: number): Promise<void> {
    if (sandbox.done.size > 0 || !(await this.#isReady(sandbox))) return await this.remove(sandbox, until);
    await sandbox.pod.clear();
    this.#idle.push(sandbox);
  }

  /** Waits for a removal. A failure is reported when this object is disposed of. */
  async removes(removal: Promise<unknown>): Promise<void> {
    this.#left.push(...(await failuresOf([removal])));
  }

  /** Removes a sandbox and the files of its pod. */
  async remove({ id: pod_sandbox_id, directory, done }: TrackedSandbox, until = endOfRemoval()): Promise<void> {
    for (const method of ['StopPodSandbox', 'RemovePodSandbox'] as const)
      if (!done.has(method) && !done.has('RemovePodSandbox'))
        await insistOn(this.options.client, method, { pod_sandbox_id }, until);
    await removeDirectory(directory);
  }

  /** Removes the unused sandboxes. Failures are reported when this object is disposed of. */
  async empty(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((sandbox) => this.removes(this.remove(sandbox))));
  }

  /**
   * Removes the unused sandboxes.
   *
   * @throws Error that names everything that could not be removed
   */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.empty();
    const left = this.#left.splice(0);
    if (left.length > 0) throw new LeftBehind(left);
  }

  async #isReady({ id: pod_sandbox_id }: TrackedSandbox): Promise<boolean> {
    const outcome = await this.options.client.call('PodSandboxStatus', { pod_sandbox_id }, CALL_SECONDS);
    return outcome.ok && outcome.response.status?.state === 'SANDBOX_READY';
  }

  async #findImage(): Promise<SuiteImage> {
    const name = this.options.image;
    const outcome = await this.options.client.call('ImageStatus', { image: { image: name } }, CALL_SECONDS);
    const image = outcome.ok ? outcome.response.image : null;
    // If the runtime does not have the image, creating a container fails with a message about it.
    return { id: image?.id || name, name, user: criImageUser(image) };
  }
}
