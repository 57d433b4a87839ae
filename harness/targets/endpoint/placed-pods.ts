// Places static pods of the suite on a node that is already running, and removes them afterwards.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { errorText } from '../../../fakes/base/error-text';
import { UserError } from '../../../fakes/base/user-error';
import { type PodContainers, podContainers, podsAreUp, type SeenContainer, writeManifests } from '../subject/pods';
import { poll } from '../subject/poll';

/**
 * Time for a kubelet to notice a new manifest, milliseconds. A kubelet that gets no file events reads the directory
 * every 20 s.
 */
const PATIENCE_MS = 60_000;

export class PlacedPods {
  private constructor(
    readonly directory: string,
    readonly prefix: string,
  ) {}

  /**
   * Writes the manifests.
   *
   * @param directory the static pod directory of the kubelet
   * @throws UserError if the directory cannot be written
   */
  static async place(directory: string, image: string): Promise<PlacedPods> {
    const placed = new PlacedPods(directory, `ckptest-${randomBytes(4).toString('hex')}-`);
    try {
      await writeManifests(directory, image, placed.prefix);
      return placed;
    } catch (error) {
      await placed.remove();
      throw new UserError(
        `--pod-manifest-path ${directory}: it cannot be written (${errorText(error)}); name the static pod directory of the kubelet`,
      );
    }
  }

  /**
   * Waits until the pods run.
   *
   * @param look returns the containers of the kubelet
   * @throws UserError if the kubelet does not start the pods
   */
  async containers(look: () => Promise<readonly SeenContainer[]>): Promise<PodContainers> {
    const start = `${this.prefix}counter-`;
    const nameOf = async () => (await look()).find(({ pod }) => pod.startsWith(start))?.pod;
    const [, pod] = await poll(nameOf, (name) => name !== undefined, PATIENCE_MS);
    if (pod === undefined)
      throw new UserError(
        `--pod-manifest-path ${this.directory}: the kubelet did not start the pods of the suite within ${PATIENCE_MS / 1000} s; name its staticPodPath`,
      );
    const containers = podContainers(pod.slice(start.length), this.prefix);
    await podsAreUp(look, containers).catch((error: unknown) => {
      throw new UserError(
        `--pod-manifest-path ${this.directory}: ${errorText(error)}; name an image that the node has with --image`,
      );
    });
    return containers;
  }

  /** Removes the manifests. The kubelet then stops the pods. */
  async remove(): Promise<void> {
    for (const name of await fs.readdir(this.directory).catch(() => []))
      if (name.replace(/^\./, '').startsWith(this.prefix))
        await fs.rm(path.join(this.directory, name), { force: true });
  }
}
