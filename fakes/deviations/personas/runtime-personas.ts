// Defines known CRI runtimes as differences from the fake's own behavior.
import { status } from '@grpc/grpc-js';
import type { CriMethod } from '../../../proto/load';
import { crioEntries } from '../../archive/crio/crio-layout';
import { writeArchive } from '../../archive/writing/writer';
import { onMethod } from '../../base/cri-call';
import type { RestoreSupport } from '../../runtime/checkpoint/restore-rules';
import type { RuntimeControl } from '../../runtime/control';
import { StatusError } from '../../runtime/grpc/errors';
import type { RuntimeSettings } from '../../runtime/state/settings';
import { clocked, combine } from '../apply';
import { type DeviationTable, deviations, type Effects } from '../deviation';
import { limitsOfTheEnded, statsNeedATask } from './containerd-behaviors';
import { CONTAINERD_CHECKPOINT } from './containerd-checkpoint';
import {
  CHECKPOINT_IMAGE_ERROR_MESSAGES,
  CONTAINERD_ERROR_MESSAGES,
  SANDBOX_TASK_ERROR_MESSAGES,
  STOPPED_SANDBOX_ERROR_MESSAGES,
} from './containerd-error-messages';
import { CONTAINERD_RESTORE } from './containerd-restore';
import {
  ownFeatures,
  reportsRestores,
  sameNameSameId,
  sandboxesAreContainers,
  timeoutIsAnAnswer,
} from './cri-o-behaviors';
import { CRI_O_CHECKPOINT } from './cri-o-checkpoint';
import { CRI_O_ERROR_MESSAGES, CRI_O_RESTORE_ERROR_MESSAGES } from './cri-o-error-messages';
import { CRI_O_RESTORE, CRI_O_SIGNED_RESTORE } from './cri-o-restore';
import { type ErrorMessage, type Evidence, filled, withErrorMessages } from './error-messages';
import { checkpoints } from './findings';
import { restores, startOfRestored } from './restore-effects';

/** Calls of newer API versions. An older runtime responds with `unknown method`. */
const STREAMED_LISTS: readonly CriMethod[] = [
  'StreamPodSandboxes',
  'StreamContainers',
  'StreamContainerStats',
  'StreamPodSandboxStats',
  'StreamPodSandboxMetrics',
  'StreamImages',
];
/**
 * The calls that checkpoint and restore pods. Their absence was measured on containerd 2.1.9, CRI-O 1.37 and
 * cri-dockerd.
 */
const POD_CHECKPOINTS: readonly CriMethod[] = ['CheckpointPod', 'RestorePod'];
/** Calls since Kubernetes 1.26, deduced from the API versions that introduced them. */
const SINCE_1_26: readonly CriMethod[] = [
  'GetContainerEvents',
  'ListMetricDescriptors',
  'ListPodSandboxMetrics',
  'RuntimeConfig',
  'UpdatePodSandboxResources',
];

/** Returns the control interface of the runtime. */
type Back = () => RuntimeControl;

const settings = (change: Partial<RuntimeSettings>): Effects => ({
  runtime: (options) => ({ ...options, settings: { ...change, ...options.settings } }),
});

const words = (rows: readonly ErrorMessage[], runtime: () => RuntimeControl): Effects =>
  clocked((clock) => ({ runtimeCri: withErrorMessages(rows, runtime, clock) }));

/**
 * Makes effects that refuse every checkpoint before any other check.
 * @param message the error message; `{id}` is replaced by the id of the requested container
 */
const refuses = (message: string): Effects => ({
  runtimeCri: onMethod('CheckpointContainer', async ({ request }) => {
    throw new StatusError(status.UNKNOWN, filled(message, { id: request.container_id }));
  }),
});

/** Returns the effects that all versions of containerd share. */
const anyContainerd = (rows: readonly ErrorMessage[], runtime: Back): Effects =>
  combine([
    words([...rows, ...CONTAINERD_ERROR_MESSAGES], runtime),
    statsNeedATask(runtime),
    limitsOfTheEnded,
    // This setting was measured on containerd 2.1.9.
    settings({ reportsImageIds: false }),
  ]);

interface Containerd {
  readonly version: string;
  /** Error messages of this version. They have precedence over the messages that all versions share. */
  readonly errorMessages: readonly ErrorMessage[];
  readonly restore: RestoreSupport;
  readonly stoppedSandboxes: 'take-containers' | 'refuse-containers';
  /** How the runtime responds to the streamed lists. */
  readonly streamedLists: 'unknown' | 'not-implemented' | 'implemented';
}

const containerd = (
  { version, errorMessages, restore, stoppedSandboxes, streamedLists }: Containerd,
  runtime: Back,
): Effects =>
  combine([
    anyContainerd(errorMessages, runtime),
    restores(restore),
    settings({
      name: 'containerd',
      version,
      ociRuntime: 'io.containerd.runc.v2',
      stoppedSandboxesTakeContainers: stoppedSandboxes === 'take-containers',
      unknownMethods: [...POD_CHECKPOINTS, ...(streamedLists === 'unknown' ? STREAMED_LISTS : [])],
      unimplementedMethods: streamedLists === 'not-implemented' ? STREAMED_LISTS : [],
    }),
    checkpoints(CONTAINERD_CHECKPOINT),
  ]);

/**
 * Refuses every restore, because `enable_experimental_restore_via_create` is off by default. The error was recorded
 * from 2.3.4 and found in the source of 2.2.7.
 */
const RESTORE_DISABLED: RestoreSupport = {
  imageAnnotations: CONTAINERD_RESTORE.imageAnnotations,
  refuses: () => new StatusError(status.UNKNOWN, 'checkpoint restore via CreateContainer is disabled by configuration'),
};

const CONTAINERD_2_1: Containerd = {
  version: '2.1.9',
  errorMessages: CHECKPOINT_IMAGE_ERROR_MESSAGES,
  restore: CONTAINERD_RESTORE,
  // This behavior was measured on containerd 2.1.9.
  stoppedSandboxes: 'take-containers',
  streamedLists: 'unknown',
};
const CONTAINERD_2_2: Containerd = {
  ...CONTAINERD_2_1,
  version: '2.2.7',
  restore: RESTORE_DISABLED,
  // This was deduced from the behavior of containerd 2.3.
  streamedLists: 'not-implemented',
};
const CONTAINERD_2_3: Containerd = {
  ...CONTAINERD_2_2,
  version: '2.3.4',
  errorMessages: [...STOPPED_SANDBOX_ERROR_MESSAGES, ...CHECKPOINT_IMAGE_ERROR_MESSAGES],
  // This was measured on containerd 2.3.4.
  stoppedSandboxes: 'refuse-containers',
};
const CONTAINERD_2_4: Containerd = {
  version: '2.4.0',
  errorMessages: STOPPED_SANDBOX_ERROR_MESSAGES,
  restore: 'none',
  stoppedSandboxes: 'refuse-containers',
  streamedLists: 'implemented',
};

/**
 * How containerd 2.2 (since 2.2.7) and containerd 2.3 (since 2.3.4) refuse checkpoints. This was found in their source.
 */
const CRIU_REFUSALS = {
  'criu-missing': [
    'on a machine without CRIU',
    'failed to checkpoint container "{id}": criu binary not found in shim path or system PATH',
  ],
  'criu-too-old': [
    'on a machine whose CRIU is too old',
    'failed to checkpoint container "{id}": checkpoint/restore requires at least CRIU 31600, current version is 31500',
  ],
  disabled: [
    'with enable_criu = false',
    'failed to checkpoint container "{id}": criu support is disabled by configuration',
  ],
} as const;

/**
 * Returns a version of containerd, and the same version in configurations that refuse checkpoints.
 *
 * @param evidence how the refusals are known
 */
const withRefusals = (name: string, summary: string, version: Containerd, evidence: Evidence): DeviationTable => ({
  [name]: [summary, (runtime) => containerd(version, runtime)],
  ...Object.fromEntries(
    Object.entries(CRIU_REFUSALS).map(([suffix, [circumstance, message]]): [string, DeviationTable[string]] => [
      `${name}+${suffix}`,
      [`${name} ${circumstance} (${evidence})`, (runtime) => combine([refuses(message), containerd(version, runtime)])],
    ]),
  ),
});

/** Makes effects that write archives in CRI-O's layout. */
const criOArchives = (): Effects =>
  clocked((clock) => ({
    runtime: (options) => ({
      ...options,
      archiveWriter: options.archiveWriter ?? {
        entries: (snapshot) => crioEntries(snapshot),
        write: (job) => writeArchive(job, clock()),
      },
    }),
  }));

const criO = (restore: RestoreSupport, runtime: Back): Effects =>
  combine([
    words([...(restore === 'none' ? [] : CRI_O_RESTORE_ERROR_MESSAGES), ...CRI_O_ERROR_MESSAGES], runtime),
    restores(restore),
    // Found in CRI-O's source, not measured.
    startOfRestored(runtime, ({ id, state }) =>
      state === 'CONTAINER_RUNNING' ? `cannot restore running container ${id}` : undefined,
    ),
    sameNameSameId,
    timeoutIsAnAnswer,
    sandboxesAreContainers,
    ownFeatures,
    reportsRestores,
    settings({
      name: 'cri-o',
      version: '1.37.0',
      ociRuntime: 'runc',
      defaultCgroup: '/crio/crio-{id}',
      environment: ['TERM=xterm'],
      // This was measured on CRI-O 1.37.
      bareImageIds: true,
      reportsImageAnnotations: true,
      defaultLogPath: '{id}.log',
      // `enable_pod_events` is off by default, as measured on CRI-O 1.37.
      sendsContainerEvents: false,
      unknownMethods: POD_CHECKPOINTS,
    }),
    criOArchives(),
    checkpoints(CRI_O_CHECKPOINT),
  ]);

/**
 * The error with which CRI-O refuses every checkpoint. It was measured with `container_level_enabled = "none"`. For a
 * CRI-O that found no CRIU at startup, it was found in the source.
 */
const CRI_O_REFUSAL = 'checkpoint/restore support not available';

const table: DeviationTable = {
  reference: ['a runtime that does everything right', () => ({})],
  'containerd-1.6': [
    'does not implement CheckpointContainer, nor know what the API has had since',
    (runtime) =>
      combine([
        anyContainerd(SANDBOX_TASK_ERROR_MESSAGES, runtime),
        restores('none'),
        settings({
          name: 'containerd',
          version: '1.6.20',
          // This was measured on containerd 1.6.
          unimplementedMethods: ['CheckpointContainer'],
          unknownMethods: [...POD_CHECKPOINTS, ...STREAMED_LISTS, ...SINCE_1_26],
        }),
      ]),
  ],
  'containerd-2.1': [
    'as measured: a deadline during the dump leaves the container frozen, logs are ahead, archives are written in place',
    (runtime) => containerd(CONTAINERD_2_1, runtime),
  ],
  'containerd-2.1+criu-missing': [
    'containerd-2.1 on a machine without CRIU (measured)',
    (runtime) =>
      combine([
        refuses(
          'CRIU binary not found or too old (<31600). Failed to checkpoint container "{id}": failed to check for criu version: exec: "criu": executable file not found in $PATH',
        ),
        // The failure of a restored container's start was deduced, because it could not be measured without CRIU.
        startOfRestored(
          runtime,
          () =>
            'failed to restore containerd task: failed to create shim task: OCI runtime restore failed: exec: "criu": executable file not found in $PATH',
        ),
        containerd(CONTAINERD_2_1, runtime),
      ]),
  ],
  ...withRefusals('containerd-2.2', 'as 2.2.7 (read): as 2.1, restore is off by default', CONTAINERD_2_2, 'read'),
  'containerd-2.2+restore': [
    'containerd-2.2 with enable_experimental_restore_via_create (read)',
    (runtime) => containerd({ ...CONTAINERD_2_2, restore: CONTAINERD_RESTORE }, runtime),
  ],
  ...withRefusals('containerd-2.3', 'as 2.3.4 (measured): restore is off by default', CONTAINERD_2_3, 'read'),
  'containerd-2.3+restore': [
    'containerd-2.3 with enable_experimental_restore_via_create (read)',
    (runtime) => containerd({ ...CONTAINERD_2_3, restore: CONTAINERD_RESTORE }, runtime),
  ],
  ...withRefusals('containerd-2.4', 'as 2.4.0 (read): restore is gone, lists can be streamed', CONTAINERD_2_4, 'read'),
  'cri-o-1.37': [
    'as measured: archives appear after the caller has disconnected, and are written in place; restore is off by default (read)',
    (runtime) => criO('none', runtime),
  ],
  'cri-o-1.37+restore': [
    'cri-o-1.37 with container_level_enabled = "checkpoint_restore" (measured)',
    (runtime) => criO(CRI_O_RESTORE, runtime),
  ],
  'cri-o-1.37+restore+signature-policy': [
    'cri-o-1.37+restore with a signature_policy, which excludes restores from a path (measured)',
    (runtime) => criO(CRI_O_SIGNED_RESTORE, runtime),
  ],
  'cri-o-1.37+criu-missing': [
    'as CRI-O 1.37 that found no CRIU when it started (read)',
    (runtime) => combine([refuses(CRI_O_REFUSAL), criO('none', runtime)]),
  ],
  'cri-o-1.37+disabled': [
    'as CRI-O 1.37 with container_level_enabled = "none" (measured)',
    (runtime) => combine([refuses(CRI_O_REFUSAL), criO('none', runtime)]),
  ],
  'cri-dockerd': [
    'does not implement CheckpointContainer, whatever the container',
    () =>
      combine([
        restores('none'),
        settings({
          name: 'docker',
          version: '28.5.2',
          // These two lists were measured, except UpdatePodSandboxResources, which was deduced from the API version of
          // Kubernetes 1.30.
          unimplementedMethods: ['CheckpointContainer', 'GetContainerEvents', 'ListMetricDescriptors'],
          unknownMethods: [...POD_CHECKPOINTS, ...STREAMED_LISTS, 'UpdatePodSandboxResources'],
        }),
      ]),
  ],
  'v1alpha2-only': [
    'speaks an older version of CRI: the services of v1 are unknown',
    () => settings({ name: 'containerd', version: '1.5.18', services: [] }),
  ],
};

export const runtimePersonas = deviations('persona', table);
