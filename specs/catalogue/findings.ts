// Defects that were found in released runtimes, with the runtimes that showed each one when it was measured.

export interface Finding {
  readonly says: string;
  /** The personas of the runtimes that showed it. The other runtimes that were measured did not. */
  readonly on: readonly ('containerd-2.1' | 'cri-o-1.37')[];
}

const BOTH = ['containerd-2.1', 'cri-o-1.37'] as const;

export const FINDINGS: Readonly<Record<string, Finding>> = {
  'frozen-after-deadline': {
    says: 'if the deadline passes during the dump, the container stays frozen forever',
    on: ['containerd-2.1'],
  },
  'archive-after-deadline': { says: 'the archive appears after the caller has disconnected', on: ['cri-o-1.37'] },
  'concurrent-one-container': { says: 'some of several concurrent checkpoints of one container fail', on: BOTH },
  'mode-kept': {
    says: 'an archive that replaces a file keeps its mode and owner, so others can read the memory',
    on: BOTH,
  },
  'tail-kept': { says: 'an archive that replaces a longer file keeps the end of that file', on: BOTH },
  'symlink-followed': { says: 'a symbolic link at the location is followed', on: BOTH },
  'relative-location': { says: "a relative location is resolved against the daemon's working directory", on: BOTH },
  'empty-location': { says: 'an empty location is a success without an archive', on: ['cri-o-1.37'] },
  'late-check': { says: 'an unusable location is detected only after the container was frozen and dumped', on: BOTH },
  'field-ignored': { says: 'the timeout field of the request has no effect', on: BOTH },
  'annotations-replaced': {
    says: 'a restored container has the annotations of the checkpoint instead of those of the request',
    on: BOTH,
  },
  'restored-log-elsewhere': {
    says: 'the log of a restored container is not at the path of the request',
    on: ['cri-o-1.37'],
  },
  'dumps-fail': { says: 'the checkpoint of a running container fails now and then', on: [] },
  'log-ahead': { says: 'the log of a restored container contains lines twice', on: ['containerd-2.1'] },
  'archive-times': { says: 'a time in the archive is in the future', on: [] },
  'archive-names': { says: 'a member of the archive would be unpacked elsewhere', on: [] },
};
