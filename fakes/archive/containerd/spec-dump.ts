// Makes spec.dump, the OCI runtime configuration with which the container was started.

import { type GoValue, goJson, goMap, written } from '../../go/json';
import { sandboxHostPid } from '../criu/host-process';
import { ociResources } from '../resources';
import { ociRights, pathList, securityOf } from '../security';
import type { ContainerSnapshot } from '../snapshot';
import { CONTAINERD } from './containerd-platform';

const SAFE = ['nosuid', 'noexec', 'nodev'];
/** Returns the mounts of the kernel's file systems, which every container has. */
const kernelMounts = (access: 'ro' | 'rw') =>
  [
    { destination: '/proc', type: 'proc', options: SAFE },
    { destination: '/dev', type: 'tmpfs', options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'] },
    {
      destination: '/dev/pts',
      type: 'devpts',
      options: ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5'],
    },
    { destination: '/dev/mqueue', type: 'mqueue', options: SAFE },
    { destination: '/sys', type: 'sysfs', options: [...SAFE, access] },
    { destination: '/sys/fs/cgroup', type: 'cgroup', options: [...SAFE, 'relatime', access] },
  ].map(({ destination, type, options }) => written({ destination, type, source: type, options }));
const [READ_ONLY, WRITABLE] = [kernelMounts('ro'), kernelMounts('rw')];

/** Returns the mounts that the OCI runtime configuration lists before all binds. */
export const kernelMountsOf = (snapshot: ContainerSnapshot) => (securityOf(snapshot).privileged ? WRITABLE : READ_ONLY);

/** Returns the annotations that containerd's CRI plugin adds to the configuration of a container. */
function annotations(snapshot: ContainerSnapshot): GoValue | undefined {
  return goMap({
    'io.kubernetes.cri.container-name': snapshot.containerName,
    'io.kubernetes.cri.container-type': 'container',
    'io.kubernetes.cri.image-name': snapshot.image,
    'io.kubernetes.cri.sandbox-id': snapshot.sandboxId,
    'io.kubernetes.cri.sandbox-name': snapshot.podName,
    'io.kubernetes.cri.sandbox-namespace': snapshot.podNamespace,
    'io.kubernetes.cri.sandbox-uid': snapshot.podUid,
  });
}

/** Returns containerd's `spec.dump`. */
export function specDump(snapshot: ContainerSnapshot): string {
  const [first] = snapshot.processes;
  const security = securityOf(snapshot);
  const { user, capabilities, noNewPrivileges } = ociRights(snapshot, CONTAINERD.capabilities);
  const shared = (type: string, name: string) => ({ type, path: `/proc/${sandboxHostPid(snapshot)}/ns/${name}` });
  return goJson({
    ociVersion: '1.2.1',
    process: {
      user,
      args: first?.arguments ?? [],
      env: first?.environment ?? [],
      cwd: snapshot.workingDirectory || '/',
      capabilities,
      noNewPrivileges,
      oomScoreAdj: snapshot.resources.oomScoreAdj,
    },
    root: { path: 'rootfs', readonly: security.readonlyRoot || undefined },
    mounts: [
      ...kernelMountsOf(snapshot),
      ...CONTAINERD.binds(snapshot).map(({ destination, source, options }) => ({
        destination,
        type: 'bind',
        source,
        options,
      })),
    ],
    annotations: annotations(snapshot),
    linux: {
      resources: ociResources(snapshot),
      cgroupsPath: CONTAINERD.cgroupPath(snapshot),
      namespaces: [
        { type: 'pid' },
        shared('ipc', 'ipc'),
        shared('uts', 'uts'),
        { type: 'mount' },
        shared('network', 'net'),
      ],
      maskedPaths: pathList(security.maskedPaths),
      readonlyPaths: pathList(security.readonlyPaths),
    },
  });
}
