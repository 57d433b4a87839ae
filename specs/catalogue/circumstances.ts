// The circumstances in which a runtime is asked for a checkpoint: which specs try each, or why none does.

export interface Circumstance {
  /** The circumstance in short. */
  readonly says: string;
  /** Ids of specs that bring it about. */
  readonly specs: readonly string[];
  /** What else holds it, or why nothing can. */
  readonly beside?: string;
}

const REFUSALS =
  'cannot be brought about over CRI; its known texts are told apart from failures when a runtime is probed, and personas of the fake runtime say them';

export const CIRCUMSTANCES: Readonly<Record<string, Circumstance>> = {
  'unknown-id': {
    says: 'an id that no container has',
    specs: [
      'runtime/checkpoint-container/unknown-id-is-refused',
      'runtime/checkpoint-container/unknown-id-is-not-found',
      'runtime/checkpoint-container/sandbox-id-is-refused',
      'runtime/container-id/removed-is-refused',
      'runtime/container-id/name-is-refused',
    ],
  },
  'empty-id': { says: 'an empty id', specs: ['runtime/container-id/empty-is-refused'] },
  'unique-prefix': {
    says: 'the start of one id',
    specs: ['runtime/container-id/unique-start-is-that-container'],
    beside: 'neutral: a runtime may take it or refuse it; the variant id-prefixes-refused holds that',
  },
  'ambiguous-prefix': {
    says: 'a start that several ids share',
    specs: ['runtime/container-id/ambiguous-start-is-refused'],
  },
  created: { says: 'created, not started', specs: ['runtime/checkpoint-container/created-is-refused'] },
  exited: { says: 'exited', specs: ['runtime/checkpoint-container/exited-is-refused'] },
  'state-unknown': {
    says: 'a container whose state the runtime does not know',
    specs: [],
    beside: 'no call of CRI brings a container into it',
  },
  'already-paused': {
    says: 'paused by somebody else than the runtime',
    specs: [],
    beside: 'no call of CRI pauses a container, and runtimes in use differ: one takes it as it is, another refuses',
  },
  'empty-location': { says: 'an empty location', specs: ['runtime/location/empty-is-refused'] },
  'relative-location': { says: 'a relative location', specs: ['runtime/location/relative-is-refused'] },
  'missing-parent': {
    says: 'the directory of the location is not there',
    specs: [
      'runtime/location/missing-parent-is-refused',
      'runtime/location/missing-parent-is-found-first',
      'runtime/leftovers/failure-leaves-a-folder-as-it-was',
    ],
  },
  'is-directory': {
    says: 'a directory is at the location',
    specs: ['runtime/location/directory-is-refused', 'runtime/location/directory-is-found-first'],
  },
  'existing-file': {
    says: 'a file is at the location',
    specs: [
      'runtime/location/existing-mode-is-not-kept',
      'runtime/location/existing-tail-is-not-kept',
      'runtime/existing-file/owner-is-not-kept',
      'runtime/existing-file/open-file-shows-nothing',
      'runtime/existing-file/hard-link-is-not-written-through',
      'runtime/repetition/same-location-is-whole',
    ],
    beside: 'a runtime may refuse it as well; the variant existing-files-refused holds that',
  },
  'existing-link': {
    says: 'a symbolic link is at the location',
    specs: ['runtime/location/symlink-is-not-followed', 'runtime/existing-file/dangling-link-is-not-followed'],
  },
  'image-reference': {
    says: 'the reference of an image as location',
    specs: ['runtime/location/image-reference-is-refused'],
  },
  'criu-missing': { says: 'CRIU is not there', specs: [], beside: REFUSALS },
  'criu-too-old': { says: 'CRIU is too old', specs: [], beside: REFUSALS },
  'oci-runtime-without-checkpoint': {
    says: 'the OCI runtime below cannot checkpoint',
    specs: [],
    beside: 'depends on the handler that the suite is started with (--runtime-handler); the probe names what it says',
  },
  disabled: {
    says: 'checkpointing is switched off, or not implemented',
    specs: ['runtime/refusal/is-unimplemented', 'runtime/refusal/leaves-everything-alone'],
    beside: 'the texts of runtimes that are switched off are told apart when a runtime is probed',
  },
  'dump-fails': {
    says: 'CRIU fails to dump',
    specs: [],
    beside:
      'no container is known that every runtime fails to dump; what holds after any failure is held by runtime/leftovers/, what a kubelet says of one by kubelet/status-codes/runtime-error-is-500',
  },
  'pause-fails': {
    says: 'the container cannot be paused',
    specs: [],
    beside: 'cannot be brought about over CRI; seen where several checkpoints of one container meet',
  },
  deadline: {
    says: "the caller's deadline passes",
    specs: [
      'runtime/deadline/container-goes-on',
      'runtime/deadline/no-archive-appears',
      'runtime/deadline/later-checkpoint-succeeds',
    ],
  },
  cancelled: {
    says: 'the caller cancels',
    specs: [
      'runtime/cancellation/container-goes-on',
      'runtime/cancellation/no-archive-appears',
      'runtime/cancellation/later-checkpoint-succeeds',
    ],
  },
  timeout: {
    says: "the request's own timeout",
    specs: [
      'runtime/timeout/enough-is-waited-for',
      'runtime/timeout/largest-is-waited-for',
      'runtime/timeout/passed-ends-the-call',
      'runtime/timeout/negative-is-refused',
    ],
  },
  'concurrent-container': {
    says: 'several checkpoints of one container at once',
    specs: [
      'runtime/checkpoint-container/concurrent-all-succeed',
      'runtime/concurrency/one-container-goes-on',
      'runtime/concurrency/one-container-archives-are-whole',
    ],
  },
  'concurrent-location': {
    says: 'several checkpoints to one location at once',
    specs: ['runtime/concurrency/one-location-is-one-whole-archive'],
  },
  'concurrent-containers': {
    says: 'checkpoints of several containers at once',
    specs: ['runtime/concurrency/many-containers-all-succeed', 'runtime/shared-sandbox/each-is-checkpointed'],
  },
  'disk-full': { says: 'the disk is full', specs: ['runtime/leftovers/full-disk-is-no-success'] },
  success: {
    says: 'a success, and what it leaves',
    specs: [
      'runtime/leftovers/success-leaves-one-file',
      'runtime/after-checkpoint/no-image-is-left',
      'runtime/after-checkpoint/status-is-as-before',
      'runtime/after-checkpoint/list-is-as-before',
      'runtime/after-checkpoint/no-event-is-told',
      'runtime/after-checkpoint/log-goes-on',
      'runtime/repetition/two-within-a-second',
    ],
    beside: 'what a runtime leaves in directories of its own cannot be seen over CRI, and is its own business',
  },
  restart: {
    says: 'the runtime goes away and comes back',
    specs: ['runtime/restart/containers-go-on', 'runtime/restart/checkpoint-under-way-leaves-nothing'],
  },
  'not-initialised': {
    says: 'the runtime is not ready yet',
    specs: [],
    beside: 'passes before a suite can ask; what a kubelet says of UNAVAILABLE is held by kubelet/status-codes/',
  },
  'pod-checkpoint': {
    says: 'CheckpointPod and RestorePod',
    specs: [],
    beside:
      'calls about whole pods, in CRI since 1.37, with no HTTP endpoint: outside of what the documentation of container checkpoints speaks of',
  },
};
