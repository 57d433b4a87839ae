// Which errors of CheckpointContainer mean "not offered": Unimplemented always, and texts known of a runtime's versions.

interface KnownRefusal {
  readonly code: string;
  /** The whole message, never a part of it. */
  readonly message: RegExp;
  readonly means: string;
  /** Runtimes and versions that say so. */
  readonly by: string;
}

const KNOWN_REFUSALS: readonly KnownRefusal[] = [
  {
    code: 'UNKNOWN',
    message: /^checkpoint\/restore support not available$/,
    means: 'checkpointing is switched off or CRIU is missing',
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
    means: 'checkpointing is switched off',
    by: 'containerd 2.2.7, 2.3.4 and later',
  },
];

/** Why the runtime does not offer checkpointing, or undefined where the error is a failure. */
export function refusalOf(error: {
  code: string;
  message: string;
}): { reason: string; unimplemented: boolean } | undefined {
  const said = `the runtime answers CheckpointContainer with ${error.code}: ${error.message}`;
  if (error.code === 'UNIMPLEMENTED') return { reason: said, unimplemented: true };
  const known = KNOWN_REFUSALS.find(({ code, message }) => code === error.code && message.test(error.message));
  return known && { reason: `${said} (${known.means}; said by ${known.by})`, unimplemented: false };
}
