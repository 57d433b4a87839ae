// The pods of the suite. Their sandboxes and containers are asked of the runtime as a kubelet asks for those of a static
// pod, by the same code as the fake kubelet's, which is held to a recording of a kubelet 1.36.
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { containerConfig } from '../../../fakes/kubelet/pods/container-config';
import {
  CONFIG_HASH_ANNOTATION,
  CONFIG_SEEN_ANNOTATION,
  CONFIG_SOURCE_ANNOTATION,
} from '../../../fakes/kubelet/pods/labels';
import type { Pod } from '../../../fakes/kubelet/pods/pod';
import {
  makeContainerFiles,
  makePodLogs,
  type PodPaths,
  removePodFiles,
} from '../../../fakes/kubelet/pods/pod-directory';
import { logDirectory, sandboxConfig } from '../../../fakes/kubelet/pods/sandbox-config';
import { criImageUser } from '../../../fakes/kubelet/pods/security-context';
import type { ContainerOptions } from '../../../specs/subject/subject';

/** An image as a kubelet names it: by the id that the runtime reports, and as its user wrote it. */
export interface OwnImage {
  readonly id: string;
  readonly name: string;
  readonly user: ReturnType<typeof criImageUser>;
}

/** The image of a restore is the path of an archive, which runs as the user of the checkpoint. */
export const archiveImage = (file: string): OwnImage => ({ id: file, name: file, user: criImageUser(null) });

const GRACE_SECONDS = 30;

function podOf(uid: string, runtimeHandler: string): Pod {
  return {
    source: 'file',
    namespace: 'ckptest',
    name: `ckptest-${uid}`,
    uid,
    labels: {},
    annotations: {
      [CONFIG_HASH_ANNOTATION]: uid,
      [CONFIG_SEEN_ANNOTATION]: new Date().toISOString(),
      [CONFIG_SOURCE_ANNOTATION]: 'file',
    },
    spec: {
      hostNetwork: true,
      hostPid: false,
      hostIpc: false,
      restartPolicy: 'Never',
      runtimeHandler,
      terminationGracePeriod: GRACE_SECONDS,
      security: { groups: [] },
      containers: [],
    },
  };
}

export class OwnPod {
  readonly #pod: Pod;
  readonly #paths: PodPaths;

  /** @param directory existing and empty: for the files that are mounted into containers, and for their logs */
  constructor(directory: string, runtimeHandler: string) {
    this.#pod = podOf(randomBytes(16).toString('hex'), runtimeHandler);
    this.#paths = { rootDirectory: directory, podLogs: path.join(directory, 'logs') };
  }

  /** The configuration of its sandbox. */
  get config() {
    return sandboxConfig(this.#pod, this.#paths.podLogs, 0);
  }

  /** Creates the directory of its logs. */
  async prepare(): Promise<void> {
    await makePodLogs(this.#paths, this.#pod);
  }

  /** Removes the files of its containers, which are gone. */
  async clear(): Promise<void> {
    await removePodFiles(this.#paths, this.#pod);
    await this.prepare();
  }

  /**
   * The configuration of a container, whose files are created.
   *
   * @param command is run by the container, unless it is a restored one, which goes on with its own
   */
  async container(name: string, image: OwnImage, command: readonly string[], options: ContainerOptions) {
    const { environment = {}, labels, annotations, attempt = 0 } = options;
    const files = await makeContainerFiles(this.#paths, this.#pod, name);
    const spec = {
      kind: 'regular',
      name,
      image: image.name,
      imagePullPolicy: 'Never',
      command,
      args: [],
      environment: Object.entries(environment).map(([key, value]) => ({ name: key, value })),
      workingDirectory: '',
      stdin: false,
      tty: false,
      security: {
        privileged: false,
        readonlyRoot: false,
        noNewPrivileges: false,
        unmasked: false,
        addedCapabilities: [],
        droppedCapabilities: [],
      },
      isSidecar: false,
      preStop: [],
      mounts: [],
    } as const;
    const config = containerConfig(this.#pod, spec, { imageId: image.id, imageUser: image.user, attempt, files });
    return {
      ...config,
      labels: { ...config.labels, ...labels },
      annotations: { ...config.annotations, ...annotations },
    };
  }

  /** Where the log of a container was asked for. */
  logPath(config: { readonly log_path?: string }): string {
    return path.join(logDirectory(this.#paths.podLogs, this.#pod), config.log_path ?? '');
  }
}
