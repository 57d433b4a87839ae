// How CRI-O refuses, as recorded from 1.37 and read in its source.
import type { Wording } from './wording';

const NO_ONE_CONTAINER = 'container with ID starting with {id} not found';
const NO_SUCH_CONTAINER = `${NO_ONE_CONTAINER}: ID does not exist`;
const NO_SUCH_POD = 'PodSandbox with ID starting with {id} not found: ID does not exist';
const BY_ID = ['CheckpointContainer', 'ContainerStatus', 'StartContainer', 'ExecSync'] as const;

export const CRI_O_WORDS: readonly Wording[] = [
  {
    methods: BY_ID,
    when: 'not-found',
    ofSandbox: true,
    code: 'NOT_FOUND',
    message: 'could not find container "{id}": specified container not found: {id}',
    source: 'measured',
  },
  {
    methods: BY_ID,
    when: 'not-found',
    says: /container "[^"]*"/,
    code: 'NOT_FOUND',
    message: `could not find container "{id}": ${NO_SUCH_CONTAINER}`,
    source: 'measured',
  },
  {
    methods: BY_ID,
    when: 'invalid',
    says: /must not be empty$/,
    code: 'NOT_FOUND',
    message: 'could not find container "": container ID should not be empty',
    source: 'measured',
  },
  {
    methods: BY_ID,
    when: 'invalid',
    says: /is ambiguous/,
    code: 'NOT_FOUND',
    message: `could not find container "{id}": ${NO_ONE_CONTAINER}: multiple IDs found with provided prefix: {id}`,
    source: 'deduced',
  },
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
  { methods: ['ContainerStats'], when: 'not-found', code: 'UNKNOWN', message: NO_SUCH_CONTAINER, source: 'measured' },
  {
    methods: ['ReopenContainerLog'],
    when: 'not-found',
    code: 'UNKNOWN',
    message: `could not find container {id}: ${NO_SUCH_CONTAINER}`,
    source: 'measured',
  },
  {
    methods: ['PodSandboxStatus'],
    when: 'not-found',
    code: 'NOT_FOUND',
    message: `could not find pod "{id}": ${NO_SUCH_POD}`,
    source: 'measured',
  },
  {
    methods: ['CreateContainer'],
    when: 'not-found',
    says: /sandbox/,
    code: 'UNKNOWN',
    message: `specified sandbox not found: {id}: ${NO_SUCH_POD}`,
    source: 'measured',
  },
  {
    methods: ['CreateContainer'],
    when: 'not-found',
    says: /resolve image "(\/[^"]*)"/,
    code: 'UNKNOWN',
    message: 'failed to open checkpoint archive {1} for import: open {1}: no such file or directory',
    source: 'read',
  },
  {
    methods: ['CreateContainer'],
    when: 'not-found',
    says: /resolve image/,
    code: 'UNKNOWN',
    message:
      'reference "[overlay@/var/lib/containers/storage+/run/containers/storage]{image}" does not resolve to an image ID',
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
    code: 'UNKNOWN',
    message: 'container is not created or running',
    source: 'deduced',
  },
];
