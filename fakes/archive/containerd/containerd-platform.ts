// Defines what containerd 2.1 with runc on a Debian node contributes to the CRIU images of a container.
import { type Bind, byDepth, cachedBinds } from '../binds';
import type { Platform } from '../criu/platform';
import { securityOf } from '../security';
import type { ContainerSnapshot } from '../snapshot';

const STATE = '/var/lib/containerd/io.containerd.grpc.v1.cri/sandboxes';
const VOLATILE = '/run/containerd/io.containerd.grpc.v1.cri/sandboxes';
const SNAPSHOTS = '/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots';

const bind = (destination: string, source: string, readonly = false): Bind => ({
  destination,
  source,
  options: ['rbind', 'rprivate', readonly ? 'ro' : 'rw'],
});

/** Returns the binds of the pod and the binds that the runtime adds if the pod does not have them, sorted by depth. */
function binds(snapshot: ContainerSnapshot): Bind[] {
  const { mounts, sandboxId } = snapshot;
  const { readonlyRoot } = securityOf(snapshot);
  const ofPod = mounts.map(({ containerPath, hostPath, readonly }) => bind(containerPath, hostPath, readonly));
  const added = [
    ...['hostname', 'hosts', 'resolv.conf'].map((name) =>
      bind(`/etc/${name}`, `${STATE}/${sandboxId}/${name}`, readonlyRoot),
    ),
    bind('/dev/shm', `${VOLATILE}/${sandboxId}/shm`),
  ];
  return byDepth([
    ...ofPod,
    ...added.filter((one) => !ofPod.some(({ destination }) => destination === one.destination)),
  ]);
}

/** The contributions of containerd. The numbers are from the recorded checkpoint. */
export const CONTAINERD: Platform = {
  name: 'containerd',
  devices: {
    overlay: 132,
    mqueue: 137,
    proc: 145,
    dev: 146,
    devpts: 147,
    cgroups: 148,
    empty: 149,
    shm: 125,
    run: 24,
  },
  firstMountId: { others: 462, masks: 428 },
  outerMountId: 383,
  rootMode: 0o40755,
  rootOptions: () => `lowerdir=${SNAPSHOTS}/1/fs,upperdir=${SNAPSHOTS}/4/fs,workdir=${SNAPSHOTS}/4/work,uuid=on`,
  capabilities: [
    'CHOWN',
    'DAC_OVERRIDE',
    'FSETID',
    'FOWNER',
    'MKNOD',
    'NET_RAW',
    'SETGID',
    'SETUID',
    'SETFCAP',
    'SETPCAP',
    'NET_BIND_SERVICE',
    'SYS_CHROOT',
    'KILL',
    'AUDIT_WRITE',
  ],
  // Containers inherit the score of the shim, which is one higher than the score of the daemon.
  oomScoreAdj: 1,
  ownUts: false,
  binds: cachedBinds(binds),
  cgroupPath: ({ cgroupPath, containerId }) => cgroupPath || `/k8s.io/${containerId}`,
};
