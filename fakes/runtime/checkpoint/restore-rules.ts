// Defines how runtimes differ when they restore a container, and how the reference persona does it.
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import type { PodSandboxConfig } from '../../../proto/types/runtime/v1/PodSandboxConfig';
import type { ArchiveError } from '../../archive/archive-error';
import { type JsonObject, listIn, objectIn, textIn } from '../../archive/reading/checkpoint-archive';
import type { GoStruct } from '../../go/json-errors';
import type { Image } from '../state/images';
import { RuntimeError } from '../state/runtime-error';

/**
 * The metadata files that runtimes read before they create a container, with the Go types that they are decoded into.
 */
export const METADATA = {
  'spec.dump': { type: 'specs.Spec', texts: ['ociVersion', 'hostname', 'domainname'] },
  'config.dump': {
    type: 'metadata.ContainerConfig',
    texts: ['id', 'name', 'rootfsImage', 'rootfsImageRef', 'rootfsImageName', 'runtime'],
  },
  'status.dump': { type: 'v1.ContainerStatus', texts: ['id', 'image_ref', 'reason', 'message', 'log_path'] },
} as const satisfies Readonly<Record<string, GoStruct>>;
export type MetadataName = keyof typeof METADATA;

/** The decoded metadata files. A file that the runtime does not read is an empty object. */
export type Metadata = Readonly<Record<MetadataName, JsonObject>>;

/** The images in which the runtime looks for the original image of a checkpointed container. */
export interface BaseImages {
  /** Returns the image with this id or reference; undefined if the runtime does not have it. */
  existing(name: string): Image | undefined;
  /**
   * Pulls an image from the registry and stores it in the runtime.
   * @throws RuntimeError if the registry refuses the pull
   */
  pull(reference: string): Promise<Image>;
  /** Adds a name to an existing image. */
  tag(image: Image, reference: string): Image;
}

/** A request to create a container from a checkpoint. */
export interface RestoreRequest {
  readonly config: ContainerConfig;
  readonly pod: PodSandboxConfig;
  /** Path of the archive, or reference of an image that was made from an archive. */
  readonly from: string;
  readonly metadata: Metadata;
}

/** Facts about a restored container that are kept after the restore. */
export interface RestoredFacts {
  /** Time of the checkpoint in RFC 3339, as in the archive. */
  readonly checkpointedAt: string;
  /**
   * Whether the processes were resumed. The memory of real processes cannot be resumed: the container then starts its
   * command from the beginning.
   */
  readonly resumed: boolean;
}

/**
 * How a runtime restores. With `RestoreRules`, it restores containers by these rules. With `none`, it treats the path
 * of an archive as an image name. With `RestoreRefusal`, it refuses every restore.
 */
export type RestoreSupport = RestoreRules | 'none' | RestoreRefusal;

export interface RestoreRefusal {
  /** An image with one of these annotations is treated as a checkpoint. */
  readonly imageAnnotations: readonly string[];
  /**
   * Returns the error that refuses a restore.
   * @param from the name of a checkpoint image, or a path that exists
   */
  refuses(from: string): Error;
}

export interface RestoreRules {
  /** Annotations that mark an image as a checkpoint. */
  readonly imageAnnotations: readonly string[];
  /** Whether the runtime also reads archives that are compressed with gzip. */
  readonly readsGzip: boolean;
  /** The metadata files that are read before the container is created, in this order. */
  readonly metadata: readonly MetadataName[];
  /** Whether the whole archive must be valid before the container is created, or only when it is started. */
  readonly checksWholeArchiveAtCreation: boolean;
  /** What happens to a container that could not be started. */
  readonly afterFailedStart: 'removed' | 'exited';
  /**
   * Returns the image of the new container.
   * @throws the error that the client gets
   */
  baseImage(request: RestoreRequest, images: BaseImages): Promise<Image>;
  /**
   * Returns the configuration of the new container, except its image.
   * @throws the error that the client gets
   */
  configuration(request: RestoreRequest): ContainerConfig;
  /** Returns the error for a fault that was found before the container was created. */
  creationRefusal(fault: ArchiveError, from: string): Error;
  /** Returns the error for a fault that was found when the container was started. */
  startRefusal(fault: ArchiveError, containerId: string): Error;
  /** Returns the restore information in a verbose status. The facts are undefined if the container was not restored. */
  information(facts: RestoredFacts | undefined): object;
}

/** Mount points that every container has. They are not copied from the checkpointed container. */
const OF_EVERY_CONTAINER: ReadonlySet<string> = new Set([
  ...['/proc', '/dev', '/dev/pts', '/dev/mqueue', '/dev/shm', '/sys', '/sys/fs/cgroup'],
  ...['/etc/resolv.conf', '/etc/hostname', '/etc/passwd', '/etc/group', '/run/secrets', '/run/.containerenv'],
]);

/** Returns the destinations of all mounts of a checkpointed container. */
export const destinationsOf = ({ 'spec.dump': spec }: Metadata): string[] =>
  listIn(spec['mounts']).map((mount) => textIn(objectIn(mount)['destination']));

/**
 * Returns the destinations of the checkpointed container's mounts that the request does not have. They are not mounted
 * automatically, because an archive must not choose which host paths are mounted.
 */
export function missingMounts({ metadata, config }: RestoreRequest): string[] {
  const requestedPaths = new Set(config.mounts.map(({ container_path }) => container_path));
  return destinationsOf(metadata).filter(
    (path) => path !== '' && !OF_EVERY_CONTAINER.has(path) && !requestedPaths.has(path),
  );
}

/** Formats an error about the archive. It states only what is wrong and quotes nothing from the archive. */
const errorAbout = (fault: ArchiveError, from: string) => `failed to restore from "${from}": ${fault.message}`;

/** A mount that the reference persona ignores, because containerd adds it to every container. */
const HOSTS = '/etc/hosts';

export const REFERENCE_RULES: RestoreRules = {
  imageAnnotations: ['org.criu.checkpoint.container.name', 'io.kubernetes.cri-o.annotations.checkpoint.name'],
  readsGzip: false,
  metadata: ['spec.dump', 'config.dump'],
  checksWholeArchiveAtCreation: true,
  afterFailedStart: 'removed',
  async baseImage({ metadata, from }, images) {
    const names = ['rootfsImageRef', 'rootfsImageName']
      .map((key) => textIn(metadata['config.dump'][key]))
      .filter((name) => name !== '');
    for (const name of names) {
      const existingImage = images.existing(name);
      if (existingImage) return existingImage;
    }
    const [name] = names.slice(-1);
    if (name === undefined) {
      throw new RuntimeError('invalid', `failed to restore from "${from}": config.dump: it names no image`);
    }
    return images.pull(name);
  },
  configuration(request) {
    const missing = missingMounts(request).filter((path) => path !== HOSTS);
    if (missing.length === 0) return request.config;
    throw new RuntimeError(
      'invalid',
      `failed to restore from "${request.from}": the checkpointed container has mounts that the request has not: ${missing.join(', ')}`,
    );
  },
  creationRefusal: (fault, from) =>
    new RuntimeError(fault.kind === 'missing' ? 'not-found' : 'invalid', errorAbout(fault, from)),
  startRefusal: (fault, id) => new RuntimeError('invalid', `failed to restore container "${id}": ${fault.message}`),
  information: (facts) => (facts ? { restored: true, ...facts } : {}),
};
