// How containerd refuses, as recorded from 2.1.9 and read in its source.
import type { Wording } from './wording';

const CONTAINER = 'an error occurred when try to find container "{id}"';
const STATUS = `an error occurred when trying to find container the container status "{id}": ${CONTAINER}`;
const EMPTY = /must not be empty$/;
const AMBIGUOUS = /is ambiguous/;

export const CONTAINERD_WORDS: readonly Wording[] = [
  {
    methods: ['CheckpointContainer'],
    when: 'not-found',
    code: 'NOT_FOUND',
    message: `${STATUS}: not found`,
    source: 'measured',
  },
  {
    methods: ['CheckpointContainer'],
    when: 'invalid',
    says: EMPTY,
    code: 'UNKNOWN',
    message: `${STATUS}: prefix can't be empty`,
    source: 'measured',
  },
  {
    methods: ['CheckpointContainer'],
    when: 'invalid',
    says: AMBIGUOUS,
    code: 'UNKNOWN',
    message: `${STATUS}: multiple IDs found with provided prefix: {id}`,
    source: 'deduced',
  },
  { methods: ['CheckpointContainer'], when: 'wrong-state', code: 'UNKNOWN', message: '{said}', source: 'measured' },
  { methods: ['CheckpointContainer'], when: 'location', code: 'UNKNOWN', message: '{said}', source: 'measured' },
  { methods: ['StartContainer'], when: 'wrong-state', code: 'UNKNOWN', message: '{said}', source: 'measured' },
  {
    methods: ['ContainerStatus', 'StartContainer', 'ReopenContainerLog'],
    when: 'not-found',
    code: 'NOT_FOUND',
    message: `${CONTAINER}: not found`,
    source: 'measured',
  },
  {
    methods: ['ContainerStatus', 'StartContainer', 'StopContainer', 'RemoveContainer', 'ReopenContainerLog'],
    when: 'invalid',
    says: EMPTY,
    code: 'UNKNOWN',
    message: `${CONTAINER}: prefix can't be empty`,
    source: 'deduced',
  },
  {
    methods: ['ContainerStats'],
    when: 'not-found',
    code: 'NOT_FOUND',
    message: 'failed to find container: not found',
    source: 'measured',
  },
  {
    methods: ['PodSandboxStatus'],
    when: 'not-found',
    code: 'NOT_FOUND',
    message: 'an error occurred when try to find sandbox: not found',
    source: 'measured',
  },
  {
    methods: ['CreateContainer'],
    when: 'not-found',
    says: /sandbox/,
    code: 'NOT_FOUND',
    message: 'failed to find sandbox id "{id}": not found',
    source: 'measured',
  },
  {
    methods: ['CreateContainer'],
    when: 'taken',
    says: /^failed to reserve container name ("[^"]*")/,
    code: 'FAILED_PRECONDITION',
    message:
      'failed to reserve container name {1}; check if another CreateContainer request is in progress: name {1} is reserved for "{holder}"',
    source: 'measured',
  },
  { methods: ['RunPodSandbox'], when: 'taken', code: 'FAILED_PRECONDITION', message: '{said}', source: 'measured' },
  {
    methods: ['ExecSync'],
    when: 'not-found',
    says: /container "[^"]*"/,
    code: 'NOT_FOUND',
    message: 'failed to exec in container: failed to find container "{id}" in store: not found',
    source: 'measured',
  },
  {
    methods: ['ExecSync'],
    when: 'invalid',
    says: /(exec: ".*)$/,
    code: 'UNKNOWN',
    message:
      'failed to exec in container: failed to start exec "{new}": OCI runtime exec failed: exec failed: unable to start container process: {1}',
    source: 'measured',
  },
  {
    methods: ['ExecSync'],
    when: 'wrong-state',
    says: /(cannot exec in a paused state)$/,
    code: 'UNKNOWN',
    message: 'failed to exec in container: failed to create exec "{new}": {1}',
    source: 'measured',
  },
  {
    methods: ['ExecSync'],
    when: 'wrong-state',
    says: /(container is in .* state)$/,
    code: 'UNKNOWN',
    message: 'failed to exec in container: {1}',
    source: 'deduced',
  },
  {
    methods: ['ExecSync'],
    when: 'deadline-passed',
    says: /(timeout .*)$/,
    code: 'DEADLINE_EXCEEDED',
    message: 'failed to exec in container: {1}',
    source: 'deduced',
  },
];

/** Until 2.3 an image is first looked at as a checkpoint. */
export const CHECKPOINT_IMAGE_WORDS: readonly Wording[] = [
  {
    methods: ['CreateContainer'],
    when: 'not-found',
    says: /resolve image/,
    code: 'NOT_FOUND',
    message: 'failed to check if this is a checkpoint image: failed to resolve image "{image}": not found',
    source: 'measured',
  },
];
