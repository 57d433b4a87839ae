// What the specs of a target share of one runtime: its sandboxes, its image, and how many of its checkpoints failed.
import fs from 'node:fs/promises';
import path from 'node:path';
import { criImageUser } from '../../../fakes/kubelet/pods/security-context';
import type { CriClient } from '../../clients/cri-client';
import type { MissingCalls } from '../missing-calls';
import { type OwnImage, OwnPod } from './own-pod';
import { endOfRemoval, failuresOf, insistOn, LeftBehind } from './removal';
import type { RuntimeAdmin } from './runtime-admin';
import { removeDirectory } from './temporary-directory';

const CALL_SECONDS = 120;

export interface SharedRuntimeOptions {
  readonly client: CriClient;
  /** A directory that the runtime sees at the same path. */
  readonly scratch: string;
  readonly image: string;
  readonly runtimeHandler: string;
  readonly admin: RuntimeAdmin;
  /** The calls that the runtime does not implement. Rules that make one of them are unsupported. */
  readonly missingCalls?: MissingCalls;
}

/** A pod that the runtime may not have yet. */
export interface PodFiles {
  readonly pod: OwnPod;
  readonly directory: string;
}

/** A sandbox that one spec has to itself. */
export interface TrackedSandbox extends PodFiles {
  readonly id: string;
  /** What the spec did to it itself. A sandbox to which something was done is removed, and no other spec gets it. */
  readonly done: Set<string>;
}

export class SharedRuntime implements AsyncDisposable {
  readonly options: SharedRuntimeOptions;
  readonly dumps: { tried: number; failures: string[] } = { tried: 0, failures: [] };
  #image: Promise<OwnImage> | undefined;
  readonly #idle: TrackedSandbox[] = [];
  /** What could not be removed before there was anybody to tell. */
  readonly #left: string[] = [];

  constructor(options: SharedRuntimeOptions) {
    this.options = options;
  }

  /** The suite's image, as a kubelet asks for it. */
  image(): Promise<OwnImage> {
    this.#image ??= this.#findImage();
    return this.#image;
  }

  /** Returns a sandbox that another spec has used, empty. */
  takeIdle(): TrackedSandbox | undefined {
    return this.#idle.pop();
  }

  /** Creates the files of a pod. */
  async newPod(): Promise<PodFiles> {
    const directory = await fs.mkdtemp(path.join(this.options.scratch, 'pod-'));
    const pod = new OwnPod(directory, this.options.runtimeHandler);
    await pod.prepare();
    return { pod, directory };
  }

  /** Keeps an empty sandbox for another spec, unless something was done to it; then it is removed. */
  async giveBack(sandbox: TrackedSandbox, until: number): Promise<void> {
    if (sandbox.done.size > 0 || !(await this.#isReady(sandbox))) return await this.remove(sandbox, until);
    await sandbox.pod.clear();
    this.#idle.push(sandbox);
  }

  /** Waits for a removal whose failure is reported when this is disposed of. */
  async removes(removal: Promise<unknown>): Promise<void> {
    this.#left.push(...(await failuresOf([removal])));
  }

  /** Removes a sandbox, and the files of its pod. */
  async remove({ id: pod_sandbox_id, directory, done }: TrackedSandbox, until = endOfRemoval()): Promise<void> {
    for (const method of ['StopPodSandbox', 'RemovePodSandbox'] as const)
      if (!done.has(method) && !done.has('RemovePodSandbox'))
        await insistOn(this.options.client, method, { pod_sandbox_id }, until);
    await removeDirectory(directory);
  }

  /** Removes the idle sandboxes. What fails is reported when this is disposed of. */
  async empty(): Promise<void> {
    await Promise.all(this.#idle.splice(0).map((sandbox) => this.removes(this.remove(sandbox))));
  }

  /**
   * Removes the idle sandboxes.
   *
   * @throws Error that names all that could not be removed
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

  async #findImage(): Promise<OwnImage> {
    const name = this.options.image;
    const outcome = await this.options.client.call('ImageStatus', { image: { image: name } }, CALL_SECONDS);
    const image = outcome.ok ? outcome.response.image : null;
    // A runtime that does not know it says so when a container is created.
    return { id: image?.id || name, name, user: criImageUser(image) };
  }
}
