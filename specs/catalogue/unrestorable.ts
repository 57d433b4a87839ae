// Mutants whose archives cannot be restored. Every spec that restores fails on them.

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
