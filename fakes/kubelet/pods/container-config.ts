// A container as a kubelet asks a runtime for it.
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

/** What a container may not see and may not write: the lists of Kubernetes' default ProcMount. */
const MASKED = [
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
const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** Files that a kubelet mounts into every container (absolute paths on the node). */
export interface ContainerFiles {
  readonly hosts: string;
  readonly terminationLog: string;
}

/**
 * Configuration of a container.
 * @param imageId as the runtime's ImageStatus tells it
 * @param imageUser whom the image wants to run as
 * @param attempt how often the container was made before
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
    // Text would be taken for base64.
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
        // A runtime takes them from a privileged container, not the kubelet.
        masked_paths: security.unmasked ? [] : MASKED,
        readonly_paths: security.unmasked ? [] : READ_ONLY,
        seccomp: { profile_type: 'Unconfined' },
      },
    },
  };
}
