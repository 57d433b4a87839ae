// Makes the configuration with which a kubelet creates a container.
import { createHash } from 'node:crypto';
import type { ContainerConfigInit } from '../../../proto/types/runtime/v1/ContainerConfig';
import {
  CONTAINER_HASH_ANNOTATION,
  CONTAINER_NAME_LABEL,
  GRACE_PERIOD_ANNOTATION,
  PRE_STOP_ANNOTATION,
  RESTART_COUNT_ANNOTATION,
  TERMINATION_PATH_ANNOTATION,
  TERMINATION_POLICY_ANNOTATION,
} from './labels';
import type { ContainerSpec, Pod } from './pod';
import { namespaceOptions, podLabels } from './sandbox-config';
import { type criImageUser, criRunAs } from './security-context';

/** Paths that are hidden from a container by default (Kubernetes' default ProcMount). */
const MASKED_PATHS = [
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
];
/** Paths that a container can only read by default (Kubernetes' default ProcMount). */
const READ_ONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** Absolute paths, on the node, of the files that a kubelet mounts into every container. */
export interface ContainerFiles {
  readonly hosts: string;
  readonly terminationLog: string;
}

/**
 * Builds the configuration of a container.
 * @param imageId id of the image, as the runtime reports it
 * @param imageUser the user of the image, as the runtime reports it
 * @param attempt how many times the container has been created before
 */
export function containerConfig(
  pod: Pod,
  container: ContainerSpec,
  {
    imageId,
    imageUser,
    attempt,
    files,
  }: {
    readonly imageId: string;
    readonly imageUser: ReturnType<typeof criImageUser>;
    readonly attempt: number;
    readonly files: ContainerFiles;
  },
): ContainerConfigInit {
  const { security } = container;
  const { addedCapabilities, droppedCapabilities } = security;
  return {
    metadata: { name: container.name, attempt },
    image: { image: imageId, user_specified_image: container.image },
    command: [...container.command],
    args: [...container.args],
    working_dir: container.workingDirectory,
    // Use bytes, because a string would be decoded as base64.
    envs: container.environment.map(({ name, value }) => ({ key: name, value: Buffer.from(value) })),
    mounts: [
      ...container.mounts.map((mount) => ({
        container_path: mount.containerPath,
        host_path: mount.hostPath,
        readonly: mount.readonly,
      })),
      { container_path: '/etc/hosts', host_path: files.hosts },
      { container_path: '/dev/termination-log', host_path: files.terminationLog },
    ],
    labels: { ...podLabels(pod), [CONTAINER_NAME_LABEL]: container.name },
    annotations: {
      [CONTAINER_HASH_ANNOTATION]: createHash('sha256').update(JSON.stringify(container)).digest('hex').slice(0, 8),
      [RESTART_COUNT_ANNOTATION]: String(attempt),
      [TERMINATION_PATH_ANNOTATION]: '/dev/termination-log',
      [TERMINATION_POLICY_ANNOTATION]: 'File',
      [GRACE_PERIOD_ANNOTATION]: String(pod.spec.terminationGracePeriod),
      ...(container.preStop.length > 0 && {
        [PRE_STOP_ANNOTATION]: JSON.stringify({ exec: { command: container.preStop } }),
      }),
    },
    log_path: `${container.name}/${attempt}.log`,
    stdin: container.stdin,
    tty: container.tty,
    linux: {
      resources: { cpu_period: '100000', cpu_shares: '2', oom_score_adj: '1000' },
      security_context: {
        namespace_options: namespaceOptions(pod),
        privileged: security.privileged,
        ...(security.user === undefined && imageUser),
        ...criRunAs(security),
        supplemental_groups: pod.spec.security.groups.map(String),
        readonly_rootfs: security.readonlyRoot,
        no_new_privs: security.noNewPrivileges,
        ...(addedCapabilities.length + droppedCapabilities.length > 0 && {
          capabilities: { add_capabilities: [...addedCapabilities], drop_capabilities: [...droppedCapabilities] },
        }),
        // Send the lists for a privileged container too, as a kubelet does. The runtime ignores them.
        masked_paths: security.unmasked ? [] : MASKED_PATHS,
        readonly_paths: security.unmasked ? [] : READ_ONLY_PATHS,
        seccomp: { profile_type: 'Unconfined' },
      },
    },
  };
}
