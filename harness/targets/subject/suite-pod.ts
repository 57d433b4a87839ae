// Makes the pods of the suite. The code of the fake kubelet makes the requests for their sandboxes and containers, as
// for a static pod. A test compares these requests with a recording of a kubelet 1.36.
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

/** An image as a kubelet requests it: by the id that the runtime reports, and by the user's name for it. */
export interface SuiteImage {
  readonly id: string;
  readonly name: string;
  readonly user: ReturnType<typeof criImageUser>;
}

/**
 * Returns the image for a restore: the path of an archive. The restored container has the user of the checkpointed
 * container.
 */
export const archiveImage = (file: string): SuiteImage => ({ id: file, name: file, user: criImageUser(null) });

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

export class SuitePod {
  readonly #pod: Pod;
  readonly #paths: PodPaths;

  /** @param directory existing empty directory for the logs of containers and the files that are mounted into them */
  constructor(directory: string, runtimeHandler: string) {
    this.#pod = podOf(randomBytes(16).toString('hex'), runtimeHandler);
    this.#paths = { rootDirectory: directory, podLogs: path.join(directory, 'logs') };
  }

  /** The configuration of the sandbox. */
  get config() {
    return sandboxConfig(this.#pod, this.#paths.podLogs, 0);
  }

  /** Creates the directory for the logs of the pod's containers. */
  async prepare(): Promise<void> {
    await makePodLogs(this.#paths, this.#pod);
  }

  /** Removes the files of the pod's containers. The containers must not exist any more. */
  async clear(): Promise<void> {
    await removePodFiles(this.#paths, this.#pod);
    await this.prepare();
  }

  /**
   * Returns the configuration of a container and creates its files.
   *
   * @param command command of the container; ignored by a restore, which continues the original command
   */
  async container(name: string, image: SuiteImage, command: readonly string[], options: ContainerOptions) {
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

  /** Returns the path of the log in the request for a container. */
  logPath(config: { readonly log_path?: string }): string {
    return path.join(logDirectory(this.#paths.podLogs, this.#pod), config.log_path ?? '');
  }
}
