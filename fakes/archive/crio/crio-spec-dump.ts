// Makes CRI-O's spec.dump: the OCI runtime configuration with which the container was started, as indented JSON.

import { Random, seedOf } from '../../base/random';
import { goJsonIndented } from '../../go/json';
import { kernelMountsOf } from '../containerd/spec-dump';
import { hostnameOf } from '../criu/criu-images';
import { swapLimit } from '../resources';
import { ociRights, pathList, securityOf } from '../security';
import type { ContainerSnapshot } from '../snapshot';
import { crioAnnotations } from './crio-annotations';
import { CRIO, layerDirectory } from './crio-platform';

/** Paths that CRI-O masks in addition to the paths in the configuration. */
const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
];
/** The first environment variable. If the image or the pod also sets PATH, the OCI runtime uses the last value. */
const DEFAULT_PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const NO_LIMIT = -1;

/** Returns the name of a pod's namespaces below `/var/run`. */
function namespaceName({ sandboxId }: ContainerSnapshot): string {
  const random = new Random(seedOf('namespaces', sandboxId));
  return [8, 4, 4, 4, 12].map((digits) => random.hex(digits)).join('-');
}

/** Returns CRI-O's `spec.dump`. */
export function crioSpecDump(snapshot: ContainerSnapshot): string {
  const [first] = snapshot.processes;
  const limits = snapshot.resources;
  const hasLimits = Object.keys(limits).length > 0 || undefined;
  const security = securityOf(snapshot);
  const { user, capabilities, noNewPrivileges } = ociRights(snapshot, CRIO.capabilities);
  const shared = (type: string) => ({ type, path: `/var/run/${type}ns/${namespaceName(snapshot)}` });
  return goJsonIndented({
    ociVersion: '1.3.0',
    process: {
      user,
      args: first?.arguments ?? [],
      env: [DEFAULT_PATH, ...(first?.environment ?? [])],
      cwd: snapshot.workingDirectory || '/',
      capabilities,
      noNewPrivileges,
    },
    root: { path: `${layerDirectory(snapshot)}/merged`, readonly: security.readonlyRoot || undefined },
    hostname: hostnameOf(snapshot),
    mounts: [
      ...kernelMountsOf(snapshot),
      ...CRIO.binds(snapshot).map(({ destination, source, options }) => ({
        destination,
        type: 'bind',
        source,
        options,
      })),
    ],
    annotations: crioAnnotations(snapshot),
    linux: {
      resources: {
        devices: [{ allow: false, access: 'rwm' }],
        memory: limits.memoryLimitInBytes ? { limit: limits.memoryLimitInBytes, swap: swapLimit(limits) } : undefined,
        cpu: hasLimits && { shares: limits.cpuShares, quota: limits.cpuQuota ?? 0, period: limits.cpuPeriod },
        pids: { limit: NO_LIMIT },
      },
      cgroupsPath: CRIO.cgroupPath(snapshot),
      namespaces: [{ type: 'pid' }, shared('ipc'), shared('uts'), { type: 'mount' }],
      maskedPaths: security.privileged ? undefined : [...new Set([...MASKED, ...security.maskedPaths])],
      readonlyPaths: pathList(security.readonlyPaths),
    },
  });
}
