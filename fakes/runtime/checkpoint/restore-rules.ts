// What a runtime may decide when it recreates a container from a checkpoint, and what the reference persona decides.
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import type { PodSandboxConfig } from '../../../proto/types/runtime/v1/PodSandboxConfig';
import type { ArchiveError } from '../../archive/archive-error';
import { type JsonObject, listIn, objectIn, textIn } from '../../archive/reading/checkpoint-archive';
import type { GoStruct } from '../../go/json-errors';
import type { Image } from '../state/images';
import { RuntimeError } from '../state/runtime-error';

/** Metadata that runtimes read before they make a container, with the Go types that they read them into. */
export const METADATA = {
  'spec.dump': { type: 'specs.Spec', texts: ['ociVersion', 'hostname', 'domainname'] },
  'config.dump': {
    type: 'metadata.ContainerConfig',
    texts: ['id', 'name', 'rootfsImage', 'rootfsImageRef', 'rootfsImageName', 'runtime'],
  },
  'status.dump': { type: 'v1.ContainerStatus', texts: ['id', 'image_ref', 'reason', 'message', 'log_path'] },
} as const satisfies Readonly<Record<string, GoStruct>>;
export type MetadataName = keyof typeof METADATA;

/** What was read of it; what a runtime does not read is an empty object. */
export type Metadata = Readonly<Record<MetadataName, JsonObject>>;

/** Where the image may come from that a checkpointed container ran on. */
export interface BaseImages {
  /** One that the runtime holds, by id or reference; undefined where it is not there. */
  held(name: string): Image | undefined;
  /** From the registry; it is held from then on. Rejects with a Refusal. */
  pulled(reference: string): Promise<Image>;
  /** Gives a held image one more name. */
  tagged(image: Image, reference: string): Image;
}

/** What is asked for, by whom, from what. */
export interface RestoreRequest {
  readonly config: ContainerConfig;
  readonly pod: PodSandboxConfig;
  /** The archive, or the reference of an image made from one. */
  readonly from: string;
  readonly metadata: Metadata;
}

/** What stays known of a container that was recreated. */
export interface RestoredFacts {
  /** As the archive has it: RFC 3339. */
  readonly checkpointedAt: string;
  /** False where the archive holds memory of a real process: the command then begins anew. */
  readonly resumed: boolean;
}

/** Whether a runtime restores: by rules, not at all (a path is then an image name), or it refuses every checkpoint. */
export type RestoreSupport = RestoreRules | 'none' | RestoreRefusal;

export interface RestoreRefusal {
  /** What the caller is told if the image is a checkpoint, or a path at which there is something. */
  refuses(from: string): Error;
}

export interface RestoreRules {
  /** An image with one of these annotations is taken for a checkpoint. */
  readonly imageAnnotations: readonly string[];
  /** What is read before there is a container, in this order. */
  readonly metadata: readonly MetadataName[];
  /** Whether all of the archive has to be in order before there is a container, or only when it is started. */
  readonly wholeAtCreation: boolean;
  /** What becomes of a container that could not be started. */
  readonly afterFailedStart: 'removed' | 'exited';
  /** The image that the container gets. Rejects with what the caller is told. */
  baseImage(request: RestoreRequest, images: BaseImages): Promise<Image>;
  /** The configuration that the container gets, its image aside. Throws what the caller is told. */
  configuration(request: RestoreRequest): ContainerConfig;
  /** What the caller is told of a fault found before there is a container. */
  creationRefusal(fault: ArchiveError, from: string): Error;
  /** What the caller is told of a fault found when the container is started. */
  startRefusal(fault: ArchiveError, containerId: string): Error;
  /** What verbose status tells of it; of containers that were not restored there are no facts. */
  information(facts: RestoredFacts | undefined): object;
}

/** Mount points that every container has for itself: a restored one gets its own. */
const OF_EVERY_CONTAINER: ReadonlySet<string> = new Set([
  ...['/proc', '/dev', '/dev/pts', '/dev/mqueue', '/dev/shm', '/sys', '/sys/fs/cgroup'],
  ...['/etc/resolv.conf', '/etc/hostname', '/etc/passwd', '/etc/group', '/run/secrets', '/run/.containerenv'],
]);

/** Destinations of all mounts of a checkpointed container. */
export const destinationsOf = ({ 'spec.dump': spec }: Metadata): string[] =>
  listIn(spec['mounts']).map((mount) => textIn(objectIn(mount)['destination']));

/**
 * Mounts of the checkpointed container that the request does not have: an archive must not choose what of the node is
 * mounted.
 */
export function missingMounts({ metadata, config }: RestoreRequest): string[] {
  const asked = new Set(config.mounts.map(({ container_path }) => container_path));
  return destinationsOf(metadata).filter((path) => path !== '' && !OF_EVERY_CONTAINER.has(path) && !asked.has(path));
}

/** Of the archive's own file a caller is told what is wrong and no more. */
const said = (fault: ArchiveError, from: string) => `failed to restore from "${from}": ${fault.message}`;

/** Where the reference persona looks: containerd gives this one to every container, asked for or not. */
const HOSTS = '/etc/hosts';

export const REFERENCE_RULES: RestoreRules = {
  imageAnnotations: ['org.criu.checkpoint.container.name', 'io.kubernetes.cri-o.annotations.checkpoint.name'],
  metadata: ['spec.dump', 'config.dump'],
  wholeAtCreation: true,
  afterFailedStart: 'removed',
  async baseImage({ metadata, from }, images) {
    const names = ['rootfsImageRef', 'rootfsImageName']
      .map((key) => textIn(metadata['config.dump'][key]))
      .filter((name) => name !== '');
    for (const name of names) {
      const held = images.held(name);
      if (held) return held;
    }
    const [name] = names.slice(-1);
    if (name === undefined) {
      throw new RuntimeError('invalid', `failed to restore from "${from}": config.dump: it names no image`);
    }
    return images.pulled(name);
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
    new RuntimeError(fault.kind === 'missing' ? 'not-found' : 'invalid', said(fault, from)),
  startRefusal: (fault, id) => new RuntimeError('invalid', `failed to restore container "${id}": ${fault.message}`),
  information: (facts) => (facts ? { restored: true, ...facts } : {}),
};
