// Mutants that leave no readable archive. On each of them, every spec that reads the archive fails.

/** The archive is missing, incomplete, or not a plain tar. */
export const UNREADABLE = {
  'archive-missing': 'archive',
  'archive-elsewhere': 'archive',
  'archive-empty': 'archive',
  'archive-truncated': 'archive',
  'archive-gzipped': 'archive',
  'archive-wrong-checksum': 'archive',
  'archive-goes-on-behind-its-end': 'archive',
  'archive-without-end-mark': 'archive',
  'archive-with-half-an-end-mark': 'archive',
} as const;
