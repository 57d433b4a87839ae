// The circumstances of a checkpoint request to a runtime, with the specs that test each circumstance, or the reason why
// no spec does.

export interface Circumstance {
  /** A short description. */
  readonly says: string;
  /** Ids of the specs that create this circumstance. */
  readonly specs: readonly string[];
  /** What else tests this circumstance, or why it cannot be tested. */
  readonly beside?: string;
}

const REFUSALS =
  'cannot be created over CRI; the probe of a runtime distinguishes its known error messages from failures, and personas of the fake runtime return them';

export const CIRCUMSTANCES: Readonly<Record<string, Circumstance>> = {
  'unknown-id': {
    says: 'an unknown container id',
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
    says: 'the first characters of one id',
    specs: ['runtime/container-id/unique-start-is-that-container'],
    beside: 'a runtime may accept or refuse it; the variant id-prefixes-refused tests that both are allowed',
  },
  'ambiguous-prefix': {
    says: 'first characters that several ids share',
    specs: ['runtime/container-id/ambiguous-start-is-refused'],
  },
  created: { says: 'a container that was not started', specs: ['runtime/checkpoint-container/created-is-refused'] },
  exited: { says: 'an exited container', specs: ['runtime/checkpoint-container/exited-is-refused'] },
  'state-unknown': {
    says: 'a container whose state the runtime does not know',
    specs: [],
    beside: 'no CRI call puts a container into this state',
  },
  'already-paused': {
    says: 'a container that something else than the runtime has paused',
    specs: [],
    beside: 'no CRI call pauses a container, and runtimes differ: some checkpoint it, others refuse',
  },
  'empty-location': { says: 'an empty location', specs: ['runtime/location/empty-is-refused'] },
  'relative-location': { says: 'a relative location', specs: ['runtime/location/relative-is-refused'] },
  'missing-parent': {
    says: 'the directory of the location does not exist',
    specs: [
      'runtime/location/missing-parent-is-refused',
      'runtime/location/missing-parent-is-found-first',
      'runtime/leftovers/failure-leaves-a-folder-as-it-was',
    ],
  },
  'is-directory': {
    says: 'a directory at the location',
    specs: ['runtime/location/directory-is-refused', 'runtime/location/directory-is-found-first'],
  },
  'existing-file': {
    says: 'an existing file at the location',
    specs: [
      'runtime/location/existing-mode-is-not-kept',
      'runtime/location/existing-tail-is-not-kept',
      'runtime/existing-file/owner-is-not-kept',
      'runtime/existing-file/open-file-shows-nothing',
      'runtime/existing-file/hard-link-is-not-written-through',
      'runtime/repetition/same-location-is-whole',
    ],
    beside: 'a runtime may also refuse it; the variant existing-files-refused tests that this is allowed',
  },
  'existing-link': {
    says: 'a symbolic link at the location',
    specs: ['runtime/location/symlink-is-not-followed', 'runtime/existing-file/dangling-link-is-not-followed'],
  },
  'image-reference': {
    says: 'an image reference as location',
    specs: ['runtime/location/image-reference-is-refused'],
  },
  'criu-missing': { says: 'CRIU is missing', specs: [], beside: REFUSALS },
  'criu-too-old': { says: 'CRIU is too old', specs: [], beside: REFUSALS },
  'oci-runtime-without-checkpoint': {
    says: 'the OCI runtime does not support checkpoints',
    specs: [],
    beside: 'depends on the runtime handler (--runtime-handler); the probe reports the error message',
  },
  disabled: {
    says: 'checkpoints are disabled or not implemented',
    specs: ['runtime/refusal/is-unimplemented', 'runtime/refusal/leaves-everything-alone'],
    beside: 'the probe of a runtime recognizes the error messages of runtimes that have checkpoints disabled',
  },
  'dump-fails': {
    says: 'CRIU fails to dump',
    specs: [],
    beside:
      'no container is known that every runtime fails to dump; runtime/leftovers/ tests what must be true after any failure, and kubelet/status-codes/runtime-error-is-500 how the kubelet reports it',
  },
  'pause-fails': {
    says: 'the container cannot be paused',
    specs: [],
    beside: 'cannot be created over CRI; was seen with concurrent checkpoints of one container',
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
    says: 'the timeout field of the request',
    specs: [
      'runtime/timeout/enough-is-waited-for',
      'runtime/timeout/largest-is-waited-for',
      'runtime/timeout/passed-ends-the-call',
      'runtime/timeout/negative-is-refused',
    ],
  },
  'concurrent-container': {
    says: 'concurrent checkpoints of one container',
    specs: [
      'runtime/checkpoint-container/concurrent-all-succeed',
      'runtime/concurrency/one-container-goes-on',
      'runtime/concurrency/one-container-archives-are-whole',
    ],
  },
  'concurrent-location': {
    says: 'concurrent checkpoints to one location',
    specs: ['runtime/concurrency/one-location-is-one-whole-archive'],
  },
  'concurrent-containers': {
    says: 'concurrent checkpoints of several containers',
    specs: ['runtime/concurrency/many-containers-all-succeed', 'runtime/shared-sandbox/each-is-checkpointed'],
  },
  'disk-full': { says: 'the disk is full', specs: ['runtime/leftovers/full-disk-is-no-success'] },
  success: {
    says: 'a successful checkpoint, and what it leaves behind',
    specs: [
      'runtime/leftovers/success-leaves-one-file',
      'runtime/after-checkpoint/no-image-is-left',
      'runtime/after-checkpoint/status-is-as-before',
      'runtime/after-checkpoint/list-is-as-before',
      'runtime/after-checkpoint/no-event-is-told',
      'runtime/after-checkpoint/log-goes-on',
      'runtime/repetition/two-within-a-second',
    ],
    beside: 'what a runtime leaves in its own directories cannot be seen over CRI',
  },
  restart: {
    says: 'a restart of the runtime',
    specs: ['runtime/restart/containers-go-on', 'runtime/restart/checkpoint-under-way-leaves-nothing'],
  },
  'not-initialised': {
    says: 'the runtime is not ready yet',
    specs: [],
    beside:
      'ends before the suite can call the runtime; kubelet/status-codes/ tests how the kubelet reports UNAVAILABLE',
  },
  'pod-checkpoint': {
    says: 'CheckpointPod and RestorePod',
    specs: [],
    beside:
      'calls about whole pods, in CRI since 1.37, with no HTTP endpoint: outside of what the documentation of container checkpoints speaks of',
  },
};
