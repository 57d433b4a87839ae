// Defines what CRI-O 1.37 with runc contributes to the CRIU images of a container.

import { Random, seedOf } from '../../base/random';
import { type Bind, byDepth, cachedBinds } from '../binds';
import type { Platform } from '../criu/platform';
import { securityOf } from '../security';
import type { ContainerSnapshot } from '../snapshot';

const STORAGE = '/var/lib/containers/storage/overlay';
const VOLATILE = '/run/containers/storage/overlay-containers';

/** Returns the directory of the container's writable layer. */
export function layerDirectory({ containerId }: ContainerSnapshot): string {
  return `${STORAGE}/${new Random(seedOf('layer', containerId)).hex(64)}`;
}

/** Returns the directory of a sandbox's files. */
export function sandboxDirectory({ sandboxId }: ContainerSnapshot): string {
  return `${VOLATILE}/${sandboxId}/userdata`;
}

/** Returns the binds that the runtime adds if the pod does not have them and the binds of the pod, sorted by depth. */
function binds(snapshot: ContainerSnapshot): Bind[] {
  const own = (destination: string, name: string, access: string, ...more: string[]): Bind => ({
    destination,
    source: `${sandboxDirectory(snapshot)}/${name}`,
    options: [access, 'bind', ...more],
  });
  const access = securityOf(snapshot).readonlyRoot ? 'ro' : 'rw';
  const ofPod = snapshot.mounts.map(({ containerPath, hostPath, readonly }) => ({
    destination: containerPath,
    source: hostPath,
    options: ['rbind', 'rprivate', readonly ? 'ro' : 'rw', 'bind'],
  }));
  const added = [
    own('/dev/shm', 'shm', 'rw'),
    own('/etc/resolv.conf', 'resolv.conf', access, 'nodev', 'nosuid', 'noexec'),
    own('/etc/hostname', 'hostname', access),
    own('/run/.containerenv', '.containerenv', access),
  ];
  return [
    ...added.filter((one) => !ofPod.some(({ destination }) => destination === one.destination)),
    ...byDepth(ofPod),
  ];
}

/** The contributions of CRI-O. The numbers are from the recorded checkpoint. */
export const CRIO: Platform = {
  name: 'cri-o',
  devices: {
    overlay: 239,
    mqueue: 232,
    proc: 247,
    dev: 248,
    devpts: 249,
    cgroups: 250,
    empty: 251,
    shm: 231,
    run: 227,
  },
  firstMountId: { others: 870, masks: 786 },
  outerMountId: 785,
  rootMode: 0o40555,
  rootOptions: (snapshot) => {
    const own = layerDirectory(snapshot);
    const lower = new Random(seedOf('lower', snapshot.imageId)).hex(26).toUpperCase();
    return `lowerdir=${STORAGE}/l/${lower},upperdir=${own}/diff,workdir=${own}/work,uuid=on,fsync=volatile`;
  },
  capabilities: [
    'CHOWN',
    'DAC_OVERRIDE',
    'FSETID',
    'FOWNER',
    'SETGID',
    'SETUID',
    'SETPCAP',
    'NET_BIND_SERVICE',
    'KILL',
  ],
  oomScoreAdj: 0,
  ownUts: true,
  binds: cachedBinds(binds),
  cgroupPath: ({ cgroupPath, containerId }) => cgroupPath || `/crio/crio-${containerId}`,
};
