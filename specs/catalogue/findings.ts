// Defects that were found in released runtimes. Each finding lists the runtimes in which it was measured.
import type { Spec } from '../subject/spec';
import { FINDINGS_DOCUMENT } from './sources';

export interface Finding {
  readonly says: string;
  /** The personas of the runtimes that showed the defect. The other measured runtimes did not show it. */
  readonly on: readonly ('containerd-2.1' | 'cri-o-1.37')[];
  /** Ids of other rules that the finding breaks. These rules have another source. */
  readonly breaks?: readonly string[];
}

const BOTH = ['containerd-2.1', 'cri-o-1.37'] as const;

/** The findings, by id. `specs/findings.md` has a section for each. */
export const FINDINGS: Readonly<Record<string, Finding>> = {
  'frozen-after-deadline': {
    says: 'if the deadline passes during the dump, the container stays frozen forever',
    on: ['containerd-2.1'],
  },
  'archive-after-deadline': { says: 'the archive appears although the deadline has passed', on: ['cri-o-1.37'] },
  cancellation: { says: 'if the caller cancels, the container stays frozen, or the archive appears later', on: BOTH },
  'partial-archive-after-restart': {
    says: 'a restart of the runtime during a checkpoint leaves a partial archive',
    on: BOTH,
    breaks: ['runtime/restart/checkpoint-under-way-leaves-nothing'],
  },
  'concurrent-one-container': { says: 'some of several concurrent checkpoints of one container fail', on: BOTH },
  'mode-kept': { says: 'an archive that replaces a file keeps its mode, so others can read the memory', on: BOTH },
  'owner-is-not-kept': { says: 'an archive that replaces a file keeps its owner', on: BOTH },
  'open-file-shows-nothing': {
    says: 'a process that has the old file open can read the new archive through it',
    on: BOTH,
  },
  'hard-link-is-not-written-through': {
    says: 'an archive that replaces a file is also written to the other names of that file',
    on: BOTH,
  },
  'symlink-followed': { says: 'a symbolic link at the location is followed', on: BOTH },
  'dangling-link': {
    says: 'a symbolic link to nothing is followed, and the archive is created at its target',
    on: BOTH,
  },
  'tail-kept': { says: 'an archive that replaces a longer file keeps the end of that file', on: BOTH },
  'same-location-is-whole': {
    says: 'a second, smaller archive at the same location keeps the end of the first',
    on: BOTH,
  },
  'relative-location': { says: "a relative location is resolved against the daemon's working directory", on: BOTH },
  'empty-location': { says: 'an empty location is a success without an archive', on: ['cri-o-1.37'] },
  'late-check': { says: 'an unusable location is detected only after the container was frozen and dumped', on: BOTH },
  'field-ignored': { says: 'the timeout field of the request has no effect', on: BOTH },
  'annotations-are-the-requests': {
    says: 'a restored container has the annotations of the checkpoint instead of those of the request',
    on: BOTH,
  },
  'restored-log-elsewhere': {
    says: 'the log of a restored container is not at the path of the request',
    on: ['cri-o-1.37'],
  },
  'dumps-fail': { says: 'the checkpoint of a running container fails now and then', on: [] },
  'log-ahead': { says: 'the log of a restored container contains lines twice', on: ['containerd-2.1'] },
  'create-in-stopped-sandbox': {
    says: 'a container can be created in a stopped sandbox',
    on: ['containerd-2.1'],
    breaks: ['runtime/lifecycle/stopped-sandbox-takes-no-container'],
  },
  'closed-directory': { says: 'the directory of the images cannot be entered after unpacking', on: ['cri-o-1.37'] },
  'archive-times': { says: 'a time in the archive is in the future', on: [] },
  'archive-names': { says: 'a member of the archive would be unpacked elsewhere', on: [] },
};

/** Returns the rules that a finding breaks. */
export const rulesOfFinding = (id: string, specs: readonly Spec[]): readonly Spec[] =>
  specs.filter(
    (spec) =>
      (spec.source.document === FINDINGS_DOCUMENT && spec.source.id === id) || FINDINGS[id]?.breaks?.includes(spec.id),
  );
