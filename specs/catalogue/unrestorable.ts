// The mutants whose archives cannot be restored, for the specs that restore.

/** Nothing that a container could be made from: not there, not whole, no plain tar, or without what CRIU needs. */
export const UNRESTORABLE = {
  'archive-missing': 'ok',
  'archive-elsewhere': 'ok',
  'archive-empty': 'ok',
  'archive-truncated': 'ok',
  'archive-gzipped': 'ok',
  'archive-wrong-checksum': 'ok',
  'archive-without-inventory': 'ok',
  'archive-without-metadata': 'ok',
  // Nobody should unpack these.
  'archive-absolute-name': 'ok',
  'archive-parent-name': 'ok',
} as const;
