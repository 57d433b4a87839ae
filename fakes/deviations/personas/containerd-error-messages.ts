// Defines the error messages of containerd, which were recorded from 2.1.9 or found in its source.
import { type ErrorMessage, type Evidence, ID_FAULTS, uncoded } from './error-messages';

const CONTAINER = 'an error occurred when try to find container "{id}"';
const SANDBOX = 'an error occurred when try to find sandbox';

/**
 * Calls that look up an id. Each call adds its own prefix to the error message of the lookup. The prefixes were
 * recorded with an unknown id.
 */
const LOOK_UPS: readonly (readonly [methods: ErrorMessage['methods'], before: string, source: Evidence])[] = [
  [
    ['CheckpointContainer'],
    `an error occurred when trying to find container the container status "{id}": ${CONTAINER}`,
    'measured',
  ],
  [['ContainerStatus', 'StartContainer', 'ReopenContainerLog'], CONTAINER, 'measured'],
  [['StopContainer', 'RemoveContainer'], CONTAINER, 'read'],
  [['ContainerStats'], 'failed to find container', 'measured'],
  [['UpdateContainerResources'], 'failed to find container', 'read'],
  [['ExecSync'], 'failed to exec in container: failed to find container "{id}" in store', 'measured'],
  [['PodSandboxStatus'], SANDBOX, 'measured'],
  [['StopPodSandbox', 'RemovePodSandbox'], `${SANDBOX} "{id}"`, 'read'],
  [['PodSandboxStats'], 'an error occurred when trying to find sandbox {id}', 'read'],
  [['CreateContainer'], 'failed to find sandbox id "{id}"', 'measured'],
];

const OF_IDS = LOOK_UPS.flatMap(([methods, before, source]): ErrorMessage[] => [
  { ...ID_FAULTS.none, methods, code: 'NOT_FOUND', message: `${before}: not found`, source },
  {
    ...ID_FAULTS.empty,
    methods,
    code: 'UNKNOWN',
    message: `${before}: prefix can't be empty`,
    source: methods.includes('CheckpointContainer') ? 'measured' : 'read',
  },
  {
    ...ID_FAULTS.several,
    methods,
    code: 'UNKNOWN',
    message: `${before}: multiple IDs found with provided prefix: {id}`,
    source: 'deduced',
  },
]);

export const CONTAINERD_ERROR_MESSAGES: readonly ErrorMessage[] = [
  ...OF_IDS,
  { methods: ['CheckpointContainer'], when: 'wrong-state', code: 'UNKNOWN', message: '{said}', source: 'measured' },
  { methods: ['CheckpointContainer'], when: 'location', code: 'UNKNOWN', message: '{said}', source: 'measured' },
  {
    methods: ['StartContainer'],
    when: 'wrong-state',
    says: /(sandbox container "[^"]*" is not running)$/,
    code: 'UNKNOWN',
    message: '{1}',
    source: 'read',
  },
  { methods: ['StartContainer'], when: 'wrong-state', code: 'UNKNOWN', message: '{said}', source: 'measured' },
  {
    methods: ['ReopenContainerLog'],
    when: 'wrong-state',
    code: 'UNKNOWN',
    message: 'container is not running',
    source: 'read',
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
  {
    methods: ['CreateContainer'],
    when: 'invalid',
    says: /^no command specified/,
    code: 'UNKNOWN',
    message: 'failed to generate container "{new}" spec: failed to generate spec: no command specified',
    source: 'read',
  },
  { methods: ['RunPodSandbox'], when: 'taken', code: 'FAILED_PRECONDITION', message: '{said}', source: 'measured' },
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
  {
    methods: ['PodSandboxStats'],
    when: 'wrong-state',
    code: 'UNAVAILABLE',
    message:
      'failed to decode pod sandbox metrics {id}: failed to get pod sandbox stats since sandbox container "{fullId}" is not in ready state: unavailable',
    source: 'read',
  },
  ...uncoded(['invalid', 'wrong-state', 'internal']),
];

/** Error messages since 2.3.4, which refuses to create a container in a stopped sandbox. They were recorded. */
export const STOPPED_SANDBOX_ERROR_MESSAGES: readonly ErrorMessage[] = [
  {
    methods: ['CreateContainer'],
    when: 'wrong-state',
    says: /^sandbox ("[^"]*") is not ready$/,
    code: 'UNKNOWN',
    message: 'sandbox container {1} is not running',
    source: 'measured',
  },
];

/** Error messages of 1.6, in which CreateContainer looks for the running task of the sandbox. */
export const SANDBOX_TASK_ERROR_MESSAGES: readonly ErrorMessage[] = [
  {
    methods: ['CreateContainer'],
    when: 'wrong-state',
    says: /^sandbox "([^"]*)" is not ready$/,
    code: 'NOT_FOUND',
    message: 'failed to get sandbox container task: no running task found: task {1} not found: not found',
    source: 'read',
  },
];

/** Error messages until 2.3, in which CreateContainer first checks whether the image is a checkpoint. */
export const CHECKPOINT_IMAGE_ERROR_MESSAGES: readonly ErrorMessage[] = [
  {
    methods: ['CreateContainer'],
    when: 'not-found',
    says: /resolve image/,
    code: 'NOT_FOUND',
    message: 'failed to check if this is a checkpoint image: failed to resolve image "{image}": not found',
    source: 'measured',
  },
];
