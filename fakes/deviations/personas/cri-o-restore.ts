// Defines how CRI-O 1.37 restores containers. The continuation of processes, the verbose status, the path of the log
// and the restore of archives compressed with gzip were measured. All other behavior was found in its source.
import type { ContainerConfig } from '../../../proto/types/runtime/v1/ContainerConfig';
import type { ArchiveError } from '../../archive/archive-error';
import { mapIn, objectIn, textIn, textsIn } from '../../archive/reading/checkpoint-archive';
import { readGoJson } from '../../go/json-errors';
import {
  type BaseImages,
  destinationsOf,
  missingMounts,
  type RestoreRequest,
  type RestoreRules,
} from '../../runtime/checkpoint/restore-rules';
import type { Image } from '../../runtime/state/images';
import { RuntimeError } from '../../runtime/state/runtime-error';
import { unknown, unpackingRefusal } from './restore-error-messages';

const ANNOTATIONS = 'io.kubernetes.cri-o.Annotations';
const POD_UID = 'io.kubernetes.pod.uid';
const HASH = 'io.kubernetes.container.hash';
/** The form of image ids in containers/storage. */
const STORAGE_ID = /^[0-9a-f]{64}$/;

function annotationsOf({ config, pod, metadata }: RestoreRequest): Record<string, string> {
  const text = mapIn(metadata['spec.dump']['annotations'])[ANNOTATIONS] ?? '';
  const read = readGoJson(text, { type: 'map[string]string', texts: [] });
  if ('error' in read) throw unknown(`failed to read "${ANNOTATIONS}": ${read.error}`);
  const annotations = mapIn(read.value);
  if (pod.metadata?.uid && POD_UID in annotations) annotations[POD_UID] = pod.metadata.uid;
  const hash = config.annotations[HASH];
  if (hash !== undefined && HASH in annotations) annotations[HASH] = hash;
  return annotations;
}

/**
 * Returns the configuration of a restored container: the mounts of the request that the checkpoint also had, and the
 * annotations and masked paths of the checkpoint.
 */
function configuration(request: RestoreRequest): ContainerConfig {
  const { config, metadata, from } = request;
  const annotations = annotationsOf(request);
  const missing = missingMounts(request);
  if (missing.length > 0) {
    throw unknown(`restoring "${from}" expects following bind mounts defined (${missing.join(',')})`);
  }
  const before = new Set(destinationsOf(metadata));
  const mounts = config.mounts.filter(({ container_path }) => before.has(container_path));
  const linux = objectIn(metadata['spec.dump']['linux']);
  const security = config.linux?.security_context;
  return {
    ...config,
    annotations,
    mounts,
    // Drop the log path of the request, so that the log is at the default path. This was measured.
    log_path: '',
    linux: config.linux && {
      ...config.linux,
      security_context: security
        ? {
            ...security,
            masked_paths: textsIn(linux['maskedPaths']),
            readonly_paths: textsIn(linux['readonlyPaths']),
          }
        : null,
    },
  };
}

async function baseImage({ metadata }: RestoreRequest, images: BaseImages): Promise<Image> {
  const config = metadata['config.dump'];
  const id = textIn(config['rootfsImageRef']);
  if (id !== '' && !STORAGE_ID.test(id)) throw unknown(`invalid RootfsImageRef "${id}": invalid image ID "${id}"`);
  const name = id || textIn(config['rootfsImageName']);
  const held = images.existing(name);
  if (held) return held;
  throw new RuntimeError('not-found', `failed to resolve image "${name}": not found`);
}

function startRefusal({ kind, member, message }: ArchiveError, id: string): Error {
  const isIncomplete = kind === 'no-member' && member.startsWith('checkpoint/');
  const why = isIncomplete ? 'a complete checkpoint for this container cannot be found, cannot restore' : message;
  return unknown(`failed to restore container ${id}: ${why}`);
}

export const CRI_O_RESTORE: RestoreRules = {
  imageAnnotations: ['io.kubernetes.cri-o.annotations.checkpoint.name'],
  // This was measured on CRI-O 1.37.
  readsGzip: true,
  metadata: ['spec.dump', 'config.dump'],
  checksWholeArchiveAtCreation: false,
  afterFailedStart: 'removed',
  baseImage,
  configuration,
  creationRefusal: unpackingRefusal,
  startRefusal,
  information: (facts) => (facts ? { restored: true, checkpointedAt: facts.checkpointedAt } : {}),
};

/**
 * The rules of a CRI-O that verifies image signatures. After it has found the base image, it refuses the restore,
 * because a checkpoint that is given as a path has no image signature to verify. Measured on CRI-O 1.37.
 */
export const CRI_O_SIGNED_RESTORE: RestoreRules = {
  ...CRI_O_RESTORE,
  async baseImage(request, images) {
    await baseImage(request, images);
    throw unknown('user specified image not specified, cannot verify image signature');
  },
};
