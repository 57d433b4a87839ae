// The pods of a kubelet from all sources: manifests that are watched, and those that are handed in.
import { UserError } from '../../base/user-error';
import { parseManifest } from './manifest';
import { watchManifests } from './manifest-watch';
import type { PodSource } from './pod';
import type { WorkerContext } from './pod-worker';
import { ManifestReader } from './static-pods';
import { PodSupervisor } from './supervisor';

export interface PodManagerOptions {
  /** Directory of manifests, or one manifest; undefined: none. */
  readonly place: string | undefined;
  readonly everySeconds: number;
  readonly nodeName: string;
  readonly warn: (sentence: string) => void;
  /** Real time that pods are given to come up (ms). */
  readonly patienceMs: number;
  readonly worker: Omit<WorkerContext, 'signal' | 'warn'>;
}

/** What stands in place of a file's name in sentences about a manifest that was handed in. */
const HANDED_IN = 'manifest';

export class PodManager {
  readonly supervisor: PodSupervisor;
  readonly #reader: ManifestReader | undefined;
  #endWatch = () => {};

  constructor(readonly options: PodManagerOptions) {
    this.supervisor = new PodSupervisor({ ...options.worker, warn: options.warn });
    this.#reader = options.place === undefined ? undefined : new ManifestReader(options.place, () => this.#of('file'));
  }

  #of(source: PodSource) {
    return { nodeName: this.options.nodeName, now: this.options.worker.clock.now(), source };
  }

  /** Reads the manifests. Throws UserError for the first thing that is wrong with them. */
  async read(): Promise<void> {
    if (!this.#reader) return;
    const { pods, problems } = await this.#reader.look();
    const [problem] = problems;
    if (problem) throw problem;
    this.supervisor.replace('file', pods);
  }

  /** Brings the pods up, and watches the manifests from then on. */
  async bringUp(): Promise<void> {
    const { worker, everySeconds, warn, patienceMs } = this.options;
    await this.supervisor.start(patienceMs);
    if (!this.#reader) return;
    const onPods = (pods: Parameters<PodSupervisor['replace']>[1]) => this.supervisor.replace('file', pods);
    this.#endWatch = watchManifests({ reader: this.#reader, clock: worker.clock, everySeconds, onPods, warn });
  }

  /** Takes up the pods of a manifest, all or none. Throws UserError for what is no pod, and for names that are taken. */
  async add(manifest: string): Promise<readonly { readonly namespace: string; readonly name: string }[]> {
    const pods = parseManifest(HANDED_IN, manifest, this.#of('api'));
    const names = new Set<string>();
    for (const { namespace, name } of pods) {
      const key = `${namespace}/${name}`;
      if (names.has(key) || this.supervisor.find(namespace, name)) {
        throw new UserError(`There is a pod ${key} already: remove it, or choose another name.`);
      }
      names.add(key);
    }
    for (const pod of pods) this.supervisor.add(pod);
    await this.supervisor.settle(this.options.patienceMs);
    return pods.map(({ namespace, name }) => ({ namespace, name }));
  }

  /** Takes down a pod; false where there is none. */
  async remove(namespace: string, name: string): Promise<boolean> {
    const gone = this.supervisor.remove(namespace, name);
    await gone;
    return gone !== undefined;
  }

  async close(): Promise<void> {
    this.#endWatch();
    await this.supervisor.close();
  }
}

/** A steward that has read its manifests. Throws UserError for what is wrong with them. */
export async function startPods(options: PodManagerOptions): Promise<PodManager> {
  const podManager = new PodManager(options);
  await podManager.read();
  return podManager;
}
