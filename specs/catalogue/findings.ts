// What was found to be wrong with runtimes in use: which of them showed it when it was measured.

export interface Finding {
  readonly says: string;
  /** Runtimes, by the name of their persona, that showed it, as their personas do; the others that were measured did not. */
  readonly on: readonly ('containerd-2.1' | 'cri-o-1.37')[];
}

const BOTH = ['containerd-2.1', 'cri-o-1.37'] as const;

export const FINDINGS: Readonly<Record<string, Finding>> = {
  'frozen-after-deadline': {
    says: 'a deadline that passes during the dump leaves the container frozen for good',
    on: ['containerd-2.1'],
  },
  'archive-after-deadline': { says: 'the archive appears though the caller has left', on: ['cri-o-1.37'] },
  'concurrent-one-container': { says: 'of several checkpoints of one container at once some fail', on: BOTH },
  'mode-kept': { says: 'over an existing file the memory becomes readable by whom that file was for', on: BOTH },
  'tail-kept': { says: 'over a longer file its tail stays behind the archive', on: BOTH },
  'symlink-followed': { says: 'a link at the location is written through', on: BOTH },
  'relative-location': { says: "a relative location is taken from the daemon's working directory", on: BOTH },
  'empty-location': { says: 'an empty location is a success without an archive', on: ['cri-o-1.37'] },
  'late-check': { says: 'a location that does not do is found only after freeze and dump', on: BOTH },
  'field-ignored': { says: "the request's own timeout has no effect", on: BOTH },
  'annotations-replaced': {
    says: "a restored container has the annotations of the checkpoint in place of the request's",
    on: BOTH,
  },
  'log-ahead': { says: 'lines of a restored container are said twice', on: ['containerd-2.1'] },
  'archive-times': { says: 'a time in the archive lies in the future', on: [] },
  'archive-names': { says: 'a member of the archive would be unpacked elsewhere', on: [] },
};
