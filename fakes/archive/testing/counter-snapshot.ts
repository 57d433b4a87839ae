// Makes, for tests, the snapshot of the container whose checkpoint was recorded with containerd.
import type { ArchiveEntry } from '../job';
import type { ContainerSnapshot, SnapshotProcess, SnapshotSecurity } from '../snapshot';

const CONTAINER = '00c587eb6cc3ede3fe57f838151c75a90a243f9b36bbc0e6d6aa6447f9346818';
const POD = 'c5fabceeabb5c6a18b43ea7a07bfeb5b';
const IMAGE_ID = 'sha256:60370d5985741dbbbf65c7e33a6412c16f16e09e46191abcc18d86ff9e595e89';
const ON_NODE = `/var/lib/kubelet/pods/${POD}`;

/** The shell of the recorded container. */
export const SHELL: SnapshotProcess = {
  pid: 1,
  parentPid: 0,
  name: 'sh',
  arguments: ['/bin/sh', '-c', 'echo started > /tmp/state; i=0; while true; do echo $i; i=$((i+1)); sleep 1; done'],
  environment: ['PATH=/bin', 'HOSTNAME=vm', 'GREETING=hello-from-env'],
  memoryBytes: 0,
  plantedStrings: [],
  openFiles: [],
};

/** The child process of the shell. */
export const SLEEP: SnapshotProcess = {
  ...SHELL,
  pid: 20,
  parentPid: 1,
  name: 'sleep',
  arguments: ['sleep', '1'],
  environment: ['HOSTNAME=vm', 'SHLVL=1', 'HOME=/', 'PATH=/bin', 'GREETING=hello-from-env', 'PWD=/'],
};

/** The security settings of a container without a security context, with the kubelet's defaults. */
const SECURITY: SnapshotSecurity = {
  uid: 0,
  gid: 0,
  groups: [0],
  maskedPaths: [
    '/proc/asound',
    '/proc/acpi',
    '/proc/interrupts',
    '/proc/kcore',
    '/proc/keys',
    '/proc/latency_stats',
    '/proc/timer_list',
    '/proc/timer_stats',
    '/proc/sched_debug',
    '/proc/scsi',
    '/sys/firmware',
    '/sys/devices/virtual/powercap',
  ],
  readonlyPaths: ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'],
};

/**
 * Returns the snapshot of the recorded container.
 *
 * @param other members that replace the recorded members
 */
export function counterSnapshot(other: Partial<ContainerSnapshot> = {}): ContainerSnapshot {
  return {
    containerId: CONTAINER,
    containerName: 'counter',
    attempt: 0,
    sandboxId: '8c4f75103564a31f81d8f4c2bea66a10a4ce6a84b19dae3166a20e1319fb2ad7',
    podName: 'counter-node1',
    podNamespace: 'default',
    podUid: POD,
    image: 'docker.io/library/busybox:latest',
    imageRef: IMAGE_ID,
    imageId: IMAGE_ID,
    ociRuntime: 'io.containerd.runc.v2',
    cgroupPath: `/k8s.io/${CONTAINER}`,
    createdAt: '1795434842963587730',
    startedAt: '1795434843008157005',
    checkpointedAt: '1795434856461063225',
    labels: {
      'io.kubernetes.container.name': 'counter',
      'io.kubernetes.pod.name': 'counter-node1',
      'io.kubernetes.pod.namespace': 'default',
      'io.kubernetes.pod.uid': POD,
    },
    annotations: {
      'io.kubernetes.container.hash': 'dce4fa36',
      'io.kubernetes.container.restartCount': '0',
      'io.kubernetes.container.terminationMessagePath': '/dev/termination-log',
      'io.kubernetes.container.terminationMessagePolicy': 'File',
      'io.kubernetes.pod.terminationGracePeriod': '30',
    },
    mounts: [
      { containerPath: '/etc/hosts', hostPath: `${ON_NODE}/etc-hosts`, readonly: false },
      {
        containerPath: '/dev/termination-log',
        hostPath: `${ON_NODE}/containers/counter/99c3c98a`,
        readonly: false,
      },
    ],
    workingDirectory: '/',
    logPath: '',
    resources: { cpuPeriod: 100000, cpuShares: 2, oomScoreAdj: 1000 },
    security: SECURITY,
    processes: [SHELL, SLEEP],
    changedFiles: [{ path: '/tmp/state', content: Buffer.from('started\n') }],
    ...other,
  };
}

/** Returns the content of an entry. */
export function entryBytes({ content }: ArchiveEntry): Buffer {
  return Buffer.isBuffer(content) ? content : Buffer.concat([...(content?.() ?? [])]);
}

/** Returns the content of the entry with a name. */
export function contentOf(entries: readonly ArchiveEntry[], name: string): Buffer {
  const entry = entries.find((one) => one.name === name);
  if (!entry) throw new Error(`no entry ${name}`);
  return entryBytes(entry);
}
