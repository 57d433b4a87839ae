// Defines how containerd 2.1 restores containers, as measured on 2.1.9 unless stated otherwise.

import { status } from '@grpc/grpc-js';
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import type { ArchiveError } from '../../archive/archive-error';
import { mapIn, textIn } from '../../archive/reading/checkpoint-archive';
import { errorText } from '../../base/error-text';
import type { BaseImages, RestoreRequest, RestoreRules } from '../../runtime/checkpoint/restore-rules';
import { StatusError } from '../../runtime/grpc/errors';
import type { Image } from '../../runtime/state/images';
import { parseReference } from '../../runtime/state/images';
import { RuntimeError } from '../../runtime/state/runtime-error';
import { unknown, unpackingRefusal } from './restore-error-messages';

const POD_UID = 'io.kubernetes.pod.uid';
/** Annotations that get the value in the request, if both the request and the checkpoint have them. */
const REFRESHED = ['io.kubernetes.container.hash', 'io.kubernetes.container.restartCount'] as const;
/** Annotations that request devices. An archive must not request devices. */
const DEVICES = /^cdi\.k8s\.io/;

/**
 * Returns the configuration of a restored container: the annotations of the checkpoint, and the labels, name and mounts
 * of the request.
 */
function configuration({ config, pod, metadata }: RestoreRequest): ContainerConfig {
  const before = mapIn(metadata['status.dump']['annotations']);
  const annotations = Object.fromEntries(Object.entries(before).filter(([name]) => !DEVICES.test(name)));
  const uid = pod.metadata?.uid;
  if (uid && POD_UID in annotations) annotations[POD_UID] = uid;
  for (const name of REFRESHED) {
    const asked = config.annotations[name];
    if (asked !== undefined && name in annotations) annotations[name] = asked;
  }
  annotations['restored'] = 'true';
  annotations['checkpointedAt'] = textIn(metadata['config.dump']['checkpointedTime']);
  annotations['checkpointImage'] = config.image?.user_specified_image ?? '';
  return { ...config, annotations };
}

/** Pulls the base image by its reference in the checkpoint, even if the runtime already has it. */
async function baseImage({ metadata }: RestoreRequest, images: BaseImages): Promise<Image> {
  const config = metadata['config.dump'];
  const reference = textIn(config['rootfsImageRef']);
  const name = textIn(config['rootfsImageName']);
  const fail = (why: string) =>
    `failed to pull checkpoint base image ${reference}: failed to resolve reference "${reference}": ${why}`;
  if (reference === '') throw unknown(fail('hostname required'));
  // An image that was never pulled has only its id as reference, and an id cannot be pulled.
  const [, digits] = /^sha256(:[0-9a-f]+)$/.exec(reference) ?? [];
  if (digits !== undefined) throw unknown(fail(`parse "dummy://${reference}": invalid port "${digits}" after host`));
  const pulled = await images.pull(reference).catch((error: unknown) => {
    const isAbsent = error instanceof RuntimeError && error.reason === 'not-found';
    throw isAbsent
      ? new StatusError(status.NOT_FOUND, fail(`${reference}: not found`))
      : unknown(fail(errorText(error)));
  });
  try {
    parseReference(name);
  } catch {
    throw unknown(`error parsing reference: "${name}" is not a valid repository/tag invalid reference format`);
  }
  return images.existing(name) ? pulled : images.tag(pulled, name);
}

const ROOT = '/var/lib/containerd/io.containerd.grpc.v1.cri/containers';
const TASKS = '/run/containerd/io.containerd.runtime.v2.task/k8s.io';

function startRefusal({ member, reason }: ArchiveError, id: string): Error {
  const why =
    member === 'rootfs-diff.tar'
      ? `unpacking of rootfs-diff archive ${ROOT}/${id}/ctrd-restore/rootfs-diff.tar into ${TASKS}/${id}/rootfs failed: ${reason}`
      : 'OCI runtime restore failed: criu failed: type RESTORE errno 0';
  return unknown(`failed to restore containerd task: failed to create shim task: ${why}`);
}

export const CONTAINERD_RESTORE: RestoreRules = {
  // Found in containerd's source, not measured.
  imageAnnotations: ['org.criu.checkpoint.container.name'],
  readsGzip: false,
  metadata: ['spec.dump', 'config.dump', 'status.dump'],
  checksWholeArchiveAtCreation: false,
  afterFailedStart: 'exited',
  baseImage,
  configuration,
  creationRefusal: unpackingRefusal,
  startRefusal,
  information: () => ({}),
};
