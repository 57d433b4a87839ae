// Defines the containers whose fake archives are checked: the processes of each, and additions that the simulation
// cannot create.
import type { ContainerSnapshot, SnapshotProcess } from '../../../fakes/archive/snapshot';

/**
 * A container of the fake runtime that will be checkpointed. Its script sets the variable `ready` when the container
 * can be checkpointed.
 */
export interface FakeWorkload {
  readonly name: string;
  readonly command: readonly string[];
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Adds to the snapshot what the simulation cannot create. */
  readonly enrich: (snapshot: ContainerSnapshot) => ContainerSnapshot;
}

const MIB = 1024 * 1024;

/** A shell that has written a file, holds memory, and waits for its only child. */
const SHELL_AND_CHILD: FakeWorkload = {
  name: 'shell-and-child',
  command: ['/bin/sh', '-c'],
  arguments: [
    `echo started > /tmp/state; held=$(head -c ${2 * MIB} /dev/zero | tr '\\0' x); ready=1; sleep 1000`,
    'name with spaces',
    '',
  ],
  environment: { GREETING: 'hello', EMPTY: '', EQUATION: 'a=b=c', SENTENCE: 'two words' },
  enrich: (snapshot) => snapshot,
};

/**
 * Turns a snapshot into that of a service. Its workers have threads, memory, open files and a socket. Some files were
 * changed or deleted, some of them on a tmpfs.
 */
function service(snapshot: ContainerSnapshot): ContainerSnapshot {
  const [first] = snapshot.processes;
  if (!first) return snapshot;
  const journal = { fd: 7, path: '/srv/data/journal', position: 4096 };
  const worker = (pid: number, parentPid: number, more: Partial<SnapshotProcess>): SnapshotProcess => ({
    ...first,
    pid,
    parentPid,
    name: 'worker',
    arguments: ['/usr/bin/worker', `--number=${pid}`],
    memoryBytes: 0,
    plantedStrings: [],
    openFiles: [journal],
    ...more,
  });
  return {
    ...snapshot,
    processes: [
      { ...first, memoryBytes: 5 * MIB, plantedStrings: ['first-planted-string'], threads: [2, 3] },
      worker(10, 1, { listening: [{ fd: 4, address: '127.0.0.1', port: 8443 }], memoryBytes: 256 * 1024 }),
      worker(11, 1, {
        plantedStrings: ['second-planted-string', Array.from({ length: 1_500 }, (_, i) => i).join('+')],
        threads: [12, 13, 14],
      }),
      worker(15, 11, { name: 'a-name-cut-at-fifteen', environment: ['ONLY=ünïcödé', 'PATH=/srv/bin'] }),
    ],
    changedFiles: [
      { path: '/srv/data/journal', content: Buffer.alloc(300_000, 'journal ') },
      { path: '/etc/motd' },
      { path: '/dev/note', content: Buffer.from('in a tmpfs') },
    ],
    mounts: [...snapshot.mounts, { containerPath: '/srv/config', hostPath: '/etc', readonly: true }],
  };
}

/** A server on a unix socket and its clients, all simulated. */
const UNIX_SOCKETS: FakeWorkload = {
  name: 'unix-sockets',
  command: ['/bin/sh', '-c'],
  arguments: ['nc -lkU /tmp/app.sock & nc -U /tmp/app.sock & nc -U /tmp/app.sock & sleep 0.1; ready=1; sleep 1000'],
  environment: { ROLE: 'server' },
  enrich: (snapshot) => snapshot,
};

export const FAKE_WORKLOADS: readonly FakeWorkload[] = [
  SHELL_AND_CHILD,
  UNIX_SOCKETS,
  {
    name: 'service',
    command: ['/bin/sh'],
    arguments: ['-c', 'ready=1; sleep 2000'],
    environment: { MODE: 'production', TOKEN: 's3cr3t', LONG: 'v'.repeat(6_000) },
    enrich: service,
  },
];
