// Recognizes errors of CheckpointContainer, and of CreateContainer from an archive, that mean "not supported": the code
// UNIMPLEMENTED, or a known message of a runtime.

interface KnownRefusal {
  readonly code: string;
  /** Matches the whole message, never a part of it. */
  readonly message: RegExp;
  readonly means: string;
  /** The runtimes and versions with this message. */
  readonly by: string;
}

const KNOWN_REFUSALS: readonly KnownRefusal[] = [
  {
    code: 'UNKNOWN',
    message: /^checkpoint\/restore support not available$/,
    means: 'checkpoints are disabled or CRIU is missing',
    by: 'CRI-O 1.25 to 1.37',
  },
  {
    code: 'UNKNOWN',
    message: /^CRIU binary not found or too old \(<\d+\)\. Failed to checkpoint container "[0-9a-f]+": .*$/s,
    means: 'CRIU is missing or too old',
    by: 'containerd 2.0 to 2.3.3',
  },
  {
    code: 'UNKNOWN',
    message: /^failed to checkpoint container "[0-9a-f]+": criu binary not found in shim path or system PATH$/,
    means: 'CRIU is missing',
    by: 'containerd 2.2.7, 2.3.4 and later',
  },
  {
    code: 'UNKNOWN',
    message: /^failed to checkpoint container "[0-9a-f]+": criu support is disabled by configuration$/,
    means: 'checkpoints are disabled',
    by: 'containerd 2.2.7, 2.3.4 and later',
  },
  {
    code: 'UNKNOWN',
    message:
      /^failed to checkpoint container "[0-9a-f]+": (checkpoint\/restore requires at least CRIU .*|failed to retrieve criu version: .*)$/s,
    means: 'CRIU is too old, or prints no version',
    by: 'containerd 2.2.7, 2.3.4 and later',
  },
];

/** Returns why the runtime does not support checkpoints, or undefined if the error is a failure. */
export function refusalOf(error: {
  code: string;
  message: string;
}): { reason: string; unimplemented: boolean } | undefined {
  const observed = `the runtime answers CheckpointContainer with ${error.code}: ${error.message}`;
  if (error.code === 'UNIMPLEMENTED') return { reason: observed, unimplemented: true };
  const known = KNOWN_REFUSALS.find(({ code, message }) => code === error.code && message.test(error.message));
  return known && { reason: `${observed} (${known.means}; known of ${known.by})`, unimplemented: false };
}

/** Messages of CreateContainer if the image is the path of an archive. `{path}` stands for that path. */
const KNOWN_RESTORE_REFUSALS: readonly KnownRefusal[] = [
  {
    code: 'NOT_FOUND',
    message: /^(failed to check if this is a checkpoint image: )?failed to resolve image "\{path\}": .*$/s,
    means: 'the path is used as the name of an image: containers cannot be created from checkpoints',
    by: 'containerd before 2.1 and from 2.4 on',
  },
  {
    code: 'UNKNOWN',
    message: /^.*("\{path\}"|\]\{path\}").*(invalid reference format|does not resolve to an image ID)$/s,
    means: 'the path is used as the name of an image: containers cannot be created from checkpoints',
    by: 'CRI-O without checkpoint_restore, cri-dockerd',
  },
  {
    code: 'UNKNOWN',
    message: /^checkpoint restore is not enabled: .*$/s,
    means: 'restore is disabled',
    by: 'containerd 2.2.7, 2.3.4 with restore on and without CRIU',
  },
  {
    code: 'UNKNOWN',
    message: /^checkpoint restore via CreateContainer is disabled by configuration$/,
    means: 'restore is disabled, which is the default',
    by: 'containerd 2.2.7, 2.3.4',
  },
  {
    code: 'UNKNOWN',
    message: /^user specified image not specified, cannot verify image signature$/,
    means: 'an explicit signature policy excludes restores from a path',
    by: 'CRI-O 1.32 and later',
  },
  {
    code: 'UNKNOWN',
    message: /^failed to pull checkpoint base image .*: failed to resolve reference ".*$/s,
    means: 'the base image of the checkpoint must be pulled from a registry, and none that has it can be reached',
    by: 'containerd 2.1',
  },
];

/**
 * Returns why the runtime does not support restore, or undefined if the error is a failure.
 *
 * @param archive the path that was given as image
 */
export function restoreRefusalOf(error: { code: string; message: string }, archive: string): string | undefined {
  const observed = `the runtime answers CreateContainer from an archive with ${error.code}: ${error.message}`;
  const message = error.message.replaceAll(archive, '{path}');
  const known = KNOWN_RESTORE_REFUSALS.find((one) => one.code === error.code && one.message.test(message));
  return known && `${observed} (${known.means}; known of ${known.by})`;
}
