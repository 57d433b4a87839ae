// Makes, for tests, the snapshot of the container whose checkpoint was recorded with CRI-O.
import type { ContainerSnapshot } from '../snapshot';
import { counterSnapshot, SHELL, SLEEP } from './counter-snapshot';

const CONTAINER = '46df89bf8911b270bce1c1e2db17d972c98afd614e2ad24c9720d9794284f24c';
const POD = 'c5fabceeabb5c6a18b43ea7a07bfeb5b';
const ON_NODE = `/var/lib/kubelet/pods/${POD}`;

/**
 * Returns the snapshot of the recorded container.
 *
 * @param other members that replace the recorded members
 */
export function crioSnapshot(other: Partial<ContainerSnapshot> = {}): ContainerSnapshot {
  const { annotations } = counterSnapshot();
  return counterSnapshot({
    containerId: CONTAINER,
    attempt: 3,
    sandboxId: 'e255f34c0e6f7f65c5b97ecd54bf9dfd1546d07f9912e2e856e06604845fa2c0',
    podAnnotations: {
      'kubernetes.io/config.hash': POD,
      'kubernetes.io/config.seen': '2026-11-23T12:17:40.980723936Z',
      'kubernetes.io/config.source': 'file',
    },
    imageRef: 'docker.io/library/busybox@sha256:69d64d731ac55f64d4148edfa75e18cc9233e4a8758a547e8a4a44ab16c80fa3',
    ociRuntime: 'runc',
    cgroupPath: '',
    createdAt: '1795436306854891975',
    startedAt: '1795436306879000000',
    checkpointedAt: '1795436330337241275',
    annotations: { ...annotations, 'io.kubernetes.container.restartCount': '3' },
    mounts: [
      { containerPath: '/etc/hosts', hostPath: `${ON_NODE}/etc-hosts`, readonly: false },
      { containerPath: '/dev/termination-log', hostPath: `${ON_NODE}/containers/counter/27c7a74c`, readonly: false },
    ],
    resources: { cpuPeriod: 100000, cpuShares: 2 },
    processes: [
      { ...SHELL, environment: ['TERM=xterm', 'HOSTNAME=vm', 'GREETING=hello-from-env', 'PATH=/bin'] },
      {
        ...SLEEP,
        pid: 29,
        environment: [
          'HOSTNAME=vm',
          'SHLVL=1',
          'HOME=/',
          'GREETING=hello-from-env',
          'TERM=xterm',
          'PATH=/bin',
          'PWD=/',
        ],
      },
    ],
    ...other,
  });
}
