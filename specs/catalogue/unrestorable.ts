// Mutants whose archives cannot be restored. On each of them, every spec that restores an archive fails.

/** The archive is missing, incomplete, not a plain tar, or lacks images that CRIU needs. */
export const UNRESTORABLE = {
  'archive-missing': 'ok',
  'archive-elsewhere': 'ok',
  'archive-empty': 'ok',
  'archive-truncated': 'ok',
  'archive-gzipped': 'ok',
  'archive-wrong-checksum': 'ok',
  'archive-without-inventory': 'ok',
  'archive-without-metadata': 'ok',
  // These archives would write outside the target directory when they are unpacked.
  'archive-absolute-name': 'ok',
  'archive-parent-name': 'ok',
} as const;
