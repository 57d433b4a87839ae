// Static pods of the suite on a node that is up: put where its kubelet takes them, and taken away again.
import { randomBytes } from 'node:crypto';
import fs from 'node:fs/promises';
import path from 'node:path';
import { errorText } from '../../../fakes/base/error-text';
import { UserError } from '../../../fakes/base/user-error';
import { type PodContainers, podContainers, podsAreUp, type SeenContainer, writeManifests } from '../subject/pods';
import { poll } from '../subject/poll';

/** Time for a kubelet to see a new manifest: without news of its directory it looks every 20 seconds. Milliseconds. */
const PATIENCE_MS = 60_000;

export class PlacedPods {
  private constructor(
    readonly directory: string,
    readonly prefix: string,
  ) {}

  /** Throws UserError where the directory cannot be written. */
  static async place(directory: string, image: string): Promise<PlacedPods> {
    const placed = new PlacedPods(directory, `ckptest-${randomBytes(4).toString('hex')}-`);
    try {
      await writeManifests(directory, image, placed.prefix);
      return placed;
    } catch (error) {
      await placed.remove();
      throw new UserError(
        `--pod-manifest-path ${directory}: it cannot be written (${errorText(error)}); name the directory where the kubelet takes static pods`,
      );
    }
  }

  /** Waits until they are up. Throws UserError where the kubelet does not take them up. */
  async containers(look: () => Promise<readonly SeenContainer[]>): Promise<PodContainers> {
    const start = `${this.prefix}counter-`;
    const nameOf = async () => (await look()).find(({ pod }) => pod.startsWith(start))?.pod;
    const [, pod] = await poll(nameOf, (name) => name !== undefined, PATIENCE_MS);
    if (pod === undefined)
      throw new UserError(
        `--pod-manifest-path ${this.directory}: the kubelet did not take up the pods of the suite within ${PATIENCE_MS / 1000} s; name the directory of its staticPodPath`,
      );
    const containers = podContainers(pod.slice(start.length), this.prefix);
    await podsAreUp(look, containers).catch((error: unknown) => {
      throw new UserError(
        `--pod-manifest-path ${this.directory}: ${errorText(error)}; name an image that the node has with --image`,
      );
    });
    return containers;
  }

  /** The kubelet ends the pods when it sees that they are gone. */
  async remove(): Promise<void> {
    for (const name of await fs.readdir(this.directory).catch(() => []))
      if (name.replace(/^\./, '').startsWith(this.prefix))
        await fs.rm(path.join(this.directory, name), { force: true });
  }
}
