// Defines the error messages of CRI-O, which were recorded from 1.37 or found in its source.
import { type ErrorMessage, type Evidence, ID_FAULTS, uncoded } from './error-messages';

const BY_ID = [
  'CheckpointContainer',
  'ContainerStatus',
  'StartContainer',
  'ExecSync',
  'StopContainer',
  'RemoveContainer',
] as const;

const SEVERAL = 'multiple IDs found with provided prefix: {id}';
const NO_CONTAINER = 'container with ID starting with {id} not found';
const NO_POD = 'PodSandbox with ID starting with {id} not found';
const NO_POD_ID = 'PodSandboxId should not be empty';

type LookUp = readonly [
  methods: ErrorMessage['methods'],
  code: 'NOT_FOUND' | 'UNKNOWN',
  before: string,
  source: Evidence,
];

/**
 * Calls that look up a container. Each call adds its own prefix to the error message of the lookup. The prefixes were
 * recorded with an unknown id.
 */
const CONTAINER_LOOK_UPS: readonly LookUp[] = [
  [BY_ID, 'NOT_FOUND', 'could not find container "{id}": ', 'measured'],
  [['ContainerStats'], 'UNKNOWN', '', 'measured'],
  [['UpdateContainerResources'], 'UNKNOWN', '', 'read'],
  [['ReopenContainerLog'], 'UNKNOWN', 'could not find container {id}: ', 'measured'],
];

/** Calls that look up a sandbox, as in CONTAINER_LOOK_UPS. */
const POD_LOOK_UPS: readonly LookUp[] = [
  [['PodSandboxStatus'], 'NOT_FOUND', 'could not find pod "{id}": ', 'measured'],
  [['PodSandboxStats'], 'UNKNOWN', '', 'read'],
  [['CreateContainer'], 'UNKNOWN', 'specified sandbox not found: {id}: ', 'measured'],
];

const OF_CONTAINER_IDS = CONTAINER_LOOK_UPS.flatMap(([methods, code, before, source]): ErrorMessage[] => [
  // The index also contains the ids of sandboxes, because each sandbox has a container with the same id.
  {
    methods,
    when: 'not-found',
    ofSandbox: true,
    code,
    message: `${before}specified container not found: {fullId}`,
    source,
  },
  { ...ID_FAULTS.none, methods, code, message: `${before}${NO_CONTAINER}: ID does not exist`, source },
  { ...ID_FAULTS.empty, methods, code, message: `${before}container ID should not be empty`, source },
  { ...ID_FAULTS.several, methods, code, message: `${before}${NO_CONTAINER}: ${SEVERAL}`, source: 'deduced' },
]);

const OF_POD_IDS = POD_LOOK_UPS.flatMap(([methods, code, before, source]): ErrorMessage[] => [
  { ...ID_FAULTS.none, methods, code, message: `${before}${NO_POD}: ID does not exist`, source },
  { ...ID_FAULTS.empty, methods, code, message: `${before}${NO_POD_ID}`, source: 'read' },
  { ...ID_FAULTS.several, methods, code, message: `${before}${NO_POD}: ${SEVERAL}`, source: 'deduced' },
]);

export const CRI_O_ERROR_MESSAGES: readonly ErrorMessage[] = [
  {
    ...ID_FAULTS.empty,
    methods: ['StopPodSandbox', 'RemovePodSandbox', 'CreateContainer'],
    code: 'UNKNOWN',
    message: NO_POD_ID,
    source: 'read',
  },
  ...OF_CONTAINER_IDS,
  ...OF_POD_IDS,
  {
    methods: ['CheckpointContainer'],
    when: 'wrong-state',
    code: 'UNKNOWN',
    message: 'container {fullId} is not running',
    source: 'measured',
  },
  {
    methods: ['CheckpointContainer'],
    when: 'location',
    code: 'UNKNOWN',
    message:
      'failed to write file system changes of container {fullId}: error creating checkpoint export file "{location}": {said}',
    source: 'measured',
  },
  {
    methods: ['StartContainer'],
    when: 'wrong-state',
    says: /CONTAINER_EXITED/,
    code: 'UNKNOWN',
    message: 'container {fullId} is not in created state: stopped',
    source: 'measured',
  },
  {
    methods: ['StartContainer'],
    when: 'wrong-state',
    says: /CONTAINER_RUNNING/,
    code: 'UNKNOWN',
    message: 'container {fullId} is not in created state: running',
    source: 'measured',
  },
  {
    methods: ['CreateContainer'],
    when: 'invalid',
    says: /^no command specified/,
    code: 'UNKNOWN',
    message: 'no command specified',
    source: 'read',
  },
  {
    methods: ['CreateContainer'],
    when: 'not-found',
    says: /resolve image "(\/[^"]*)"/,
    code: 'UNKNOWN',
    message: 'cannot parse input: "{1}": invalid reference format',
    source: 'read',
  },
  {
    methods: ['CreateContainer'],
    when: 'not-found',
    says: /resolve image "([^"]*)"/,
    code: 'UNKNOWN',
    message:
      'reference "[overlay@/var/lib/containers/storage+/run/containers/storage]{1}" does not resolve to an image ID',
    source: 'measured',
  },
  {
    methods: ['ExecSync'],
    when: 'invalid',
    says: /(exec: ".*)$/,
    code: 'UNKNOWN',
    message:
      'command error: time="{time}" level=error msg="exec failed: unable to start container process: {escaped}"\n, stdout: , stderr: , exit code -1',
    source: 'measured',
  },
  {
    methods: ['ExecSync'],
    when: 'wrong-state',
    says: /CONTAINER_EXITED/,
    code: 'NOT_FOUND',
    message:
      'container is not created or running: checking if PID of {fullId} is running failed: container process not found',
    source: 'read',
  },
  {
    methods: ['UpdateContainerResources'],
    when: 'wrong-state',
    code: 'UNKNOWN',
    message: 'container {fullId} is not running or created state: stopped',
    source: 'read',
  },
  {
    methods: ['ReopenContainerLog'],
    when: 'wrong-state',
    code: 'UNKNOWN',
    message: 'container is not running',
    source: 'read',
  },
  {
    methods: ['CreateContainer'],
    when: 'wrong-state',
    code: 'UNKNOWN',
    message: 'CreateContainer failed as the sandbox was stopped: {fullId}',
    source: 'measured',
  },
  // Few errors of CRI-O have a code, and all errors without a code are Unknown.
  ...uncoded(['not-found', 'invalid', 'wrong-state', 'internal']),
];

/**
 * Error messages of a CRI-O that supports restore. Its CreateContainer first checks whether an image is a checkpoint.
 */
export const CRI_O_RESTORE_ERROR_MESSAGES: readonly ErrorMessage[] = [
  {
    methods: ['CreateContainer'],
    when: 'not-found',
    says: /resolve image "(\/[^"]*)"/,
    code: 'UNKNOWN',
    message: 'failed to check if this is a checkpoint image: cannot parse input: "{1}": invalid reference format',
    source: 'measured',
  },
];
