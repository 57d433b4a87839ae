// Manages the pods of a kubelet: static pods, whose manifests are watched, and pods that a caller adds.
import { UserError } from '../../base/user-error';
import type { RuntimeClient } from '../cri/runtime-client';
import type { ResolvedOptions } from '../options';
import { parseManifest } from './manifest';
import { watchManifests } from './manifest-watch';
import type { Pod } from './pod';
import type { StaticPods } from './static-pods';
import { PodSupervisor } from './supervisor';

export type PodManagerOptions = Pick<
  ResolvedOptions,
  'settings' | 'nodeName' | 'podPaths' | 'requestTimeout' | 'clock' | 'podStartTimeoutMs' | 'warn'
>;

/** The text that replaces a file name in errors about a manifest that a caller added. */
const ADDED_MANIFEST = 'manifest';

/**
 * Returns the host paths that a pod uses: the paths of its volumes, and the paths of archives that it names instead of
 * images.
 */
const hostPathsOf = ({ spec }: Pod): string[] =>
  spec.containers.flatMap(({ image, mounts }) => [
    ...mounts.map(({ hostPath }) => hostPath),
    ...(image.startsWith('/') ? [image] : []),
  ]);

export class PodManager {
  readonly supervisor: PodSupervisor;
  #endWatch = () => {};

  /**
   * Creates a manager; `bringUp` starts its pods.
   * @param staticPods the static pods; undefined if the kubelet has no manifests
   */
  constructor(
    readonly options: PodManagerOptions,
    readonly staticPods: StaticPods | undefined,
    runtime: RuntimeClient,
  ) {
    this.supervisor = new PodSupervisor({ ...options, runtime });
    if (staticPods) this.supervisor.replace('file', staticPods.pods);
  }

  /** Starts the pods, waits until they run or `podStartTimeoutMs` has passed, and then watches the manifests. */
  async bringUp(): Promise<void> {
    const { settings, clock, warn, podStartTimeoutMs } = this.options;
    await this.supervisor.start(podStartTimeoutMs);
    if (!this.staticPods) return;
    this.#endWatch = watchManifests({
      reader: this.staticPods.reader,
      clock,
      intervalSeconds: settings.fileCheckSeconds,
      onPods: (pods: readonly Pod[]) => this.supervisor.replace('file', pods),
      warn,
    });
  }

  /**
   * Adds all pods of a manifest, and waits until they run or `podStartTimeoutMs` has passed. If one pod cannot be
   * added, adds none.
   * @param manifest YAML or JSON
   * @param requirePath throws if the pods may not use a path of the host
   * @returns the namespaces and names of the pods
   * @throws UserError if the manifest is not valid or a pod with the same name exists
   */
  async add(
    manifest: string,
    requirePath: (file: string) => void = () => {},
  ): Promise<readonly { readonly namespace: string; readonly name: string }[]> {
    const { nodeName, clock, podStartTimeoutMs, warn } = this.options;
    const pods = parseManifest(ADDED_MANIFEST, manifest, { nodeName, now: clock.now(), source: 'api', warn });
    for (const file of pods.flatMap(hostPathsOf)) requirePath(file);
    const names = new Set<string>();
    for (const { namespace, name } of pods) {
      const key = `${namespace}/${name}`;
      if (names.has(key) || this.supervisor.find(namespace, name)) {
        throw new UserError(`A pod ${key} already exists: remove it, or choose another name.`);
      }
      names.add(key);
    }
    for (const pod of pods) this.supervisor.add(pod);
    await this.supervisor.settle(podStartTimeoutMs);
    return pods.map(({ namespace, name }) => ({ namespace, name }));
  }

  /**
   * Stops and removes a pod and waits until it is removed.
   * @returns false if there is no such pod
   */
  async remove(namespace: string, name: string): Promise<boolean> {
    const removed = this.supervisor.remove(namespace, name);
    await removed;
    return removed !== undefined;
  }

  /** Ends the watch, and stops and removes all pods. */
  async close(): Promise<void> {
    this.#endWatch();
    await this.supervisor.close();
  }
}
