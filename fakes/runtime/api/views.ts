// Converts sandboxes, containers and images to CRI messages.
import type { ContainerInit } from '../../../proto/types/runtime/v1/Container';
import type { ContainerStatusInit } from '../../../proto/types/runtime/v1/ContainerStatus';
import type { ImageInit } from '../../../proto/types/runtime/v1/Image';
import type { PodSandboxInit } from '../../../proto/types/runtime/v1/PodSandbox';
import type { PodSandboxStatusInit } from '../../../proto/types/runtime/v1/PodSandboxStatus';
import { type Image, parseReference } from '../state/images';
import { listEntry } from '../state/list-entry';
import type { RuntimeSettings } from '../state/settings';
import { CONTAINER_STATES, SANDBOX_STATES } from '../state/state';
import type { Container, Sandbox } from '../state/store';
import { userOf } from '../state/user';

/** Returns the reference of an image in statuses: its repository with the digest, or its id if it has no digest. */
export const imageRef = (image: Image) => image.repoDigests[0] ?? image.id;

/**
 * Returns the image name of a container: the tag in its configuration, or the image's first tag if the configuration
 * has an id.
 */
export function imageName({ config, image }: Container): string {
  for (const reference of [config.image?.user_specified_image, config.image?.image]) {
    if (!reference || reference.startsWith('sha256:')) continue;
    const { repository, tag } = parseReference(reference);
    if (image.repoTags.includes(`${repository}:${tag}`)) return `${repository}:${tag}`;
  }
  return image.repoTags[0] ?? image.repoDigests[0] ?? image.id;
}

type SandboxFacts = Pick<Sandbox, 'id' | 'config' | 'createdAt' | 'runtimeHandler'>;
type ContainerFacts = Pick<Container, 'id' | 'config' | 'image' | 'imageId' | 'sandbox' | 'createdAt'>;

/** Returns the list entry of a new sandbox. */
export const sandboxListEntry = (facts: SandboxFacts) =>
  listEntry('ListPodSandbox', { items: [sandboxItem({ ...facts, phase: 'ready' })] });

/** Returns the list entry of a new container. */
export const containerListEntry = (facts: ContainerFacts) =>
  listEntry('ListContainers', { containers: [containerItem({ ...facts, phase: 'created' })] });

export function sandboxItem(sandbox: SandboxFacts & Pick<Sandbox, 'phase'>): PodSandboxInit {
  const { id, config, createdAt, runtimeHandler } = sandbox;
  return {
    id,
    metadata: config.metadata,
    state: SANDBOX_STATES[sandbox.phase],
    created_at: createdAt,
    labels: config.labels,
    annotations: config.annotations,
    runtime_handler: runtimeHandler,
  };
}

export function sandboxStatus(sandbox: Sandbox): PodSandboxStatusInit {
  const options = sandbox.config.linux?.security_context?.namespace_options ?? null;
  return {
    ...sandboxItem(sandbox),
    // A stopped sandbox has no network.
    network: { ip: sandbox.phase === 'ready' ? sandbox.ip : '', additional_ips: [] },
    linux: { namespaces: { options } },
  };
}

export function containerItem(container: ContainerFacts & Pick<Container, 'phase'>): ContainerInit {
  const { id, config, image, sandbox, createdAt } = container;
  return {
    id,
    pod_sandbox_id: sandbox.id,
    metadata: config.metadata,
    image: config.image,
    image_ref: imageRef(image),
    image_id: container.imageId,
    state: CONTAINER_STATES[container.phase],
    created_at: createdAt,
    labels: config.labels,
    annotations: config.annotations,
  };
}

export function containerStatus(container: Container): ContainerStatusInit {
  const { config, image } = container;
  const { uid, gid, groups } = userOf(container);
  return {
    id: container.id,
    metadata: config.metadata,
    state: CONTAINER_STATES[container.phase],
    created_at: container.createdAt,
    started_at: container.startedAt,
    finished_at: container.finishedAt,
    exit_code: container.exitCode,
    image: { image: imageName(container) },
    image_ref: imageRef(image),
    image_id: container.imageId,
    reason: container.reason,
    message: container.message,
    labels: config.labels,
    annotations: config.annotations,
    mounts: config.mounts,
    log_path: container.logPath,
    // Like containerd, do not report huge page limits: most nodes do not enforce them.
    resources: { linux: { ...container.resources, hugepage_limits: [] } },
    user: {
      linux: { uid, gid, supplemental_groups: [...groups] },
    },
    stop_signal: config.stop_signal,
  };
}

/**
 * Returns the user of an image without the group. According to the API, a number is the uid and anything else is the
 * user name.
 */
function userField({ user }: Image): Pick<ImageInit, 'uid' | 'username'> {
  const [name = ''] = user.split(':');
  return /^\d+$/.test(name) ? { uid: { value: name }, username: '' } : { username: name };
}

/** Returns the id of an image in the form that this runtime reports to clients. */
export const imageId = ({ id }: Image, { bareImageIds }: RuntimeSettings): string =>
  bareImageIds ? id.replace(/^sha256:/, '') : id;

export function imageItem(image: Image, settings: RuntimeSettings): ImageInit {
  return {
    id: imageId(image, settings),
    repo_tags: [...image.repoTags],
    repo_digests: [...image.repoDigests],
    size: String(image.size),
    ...userField(image),
    pinned: image.pinned,
    ...(settings.reportsImageAnnotations && { spec: { annotations: { ...image.checkpoint?.annotations } } }),
  };
}
