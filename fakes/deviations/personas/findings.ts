// Defines the defects that were measured in real runtimes, each as a difference from the reference policy.
import { status } from '@grpc/grpc-js';
import type { CheckpointPolicy } from '../../runtime/checkpoint/checkpoint-policy';
import { StatusError } from '../../runtime/grpc/errors';
import { deviations, type Effects } from '../deviation';

type Difference = Partial<CheckpointPolicy>;

/** Makes effects that change the checkpoint policy. */
export const checkpoints = (difference: Difference): Effects => ({
  runtime: (options) => ({ ...options, checkpoint: { ...difference, ...options.checkpoint } }),
});

/**
 * Durations of a dump, milliseconds. As measured, a checkpoint then takes about 81 ms, and a deadline of 1 ms passes
 * before the container is paused.
 */
const DUMP = { prepareMs: 5, dumpMs: 75 } as const;

const table = {
  'frozen-after-deadline': [
    'a deadline that passes during the dump leaves the container frozen for good',
    { onDeadline: 'stays-frozen', ...DUMP },
  ],
  'archive-after-deadline': [
    'the archive appears although the client has disconnected',
    { onDeadline: 'archive-appears', ...DUMP },
  ],
  'concurrent-one-container': [
    'of several checkpoints of one container at the same time only one succeeds',
    {
      concurrentCalls: 'one-wins',
      concurrentError: ({ containerId }) =>
        new StatusError(
          status.UNKNOWN,
          `failed to pause container "${containerId}" before checkpointing: cannot pause a paused container`,
        ),
    },
  ],
  // The delay was deduced: it is as long as the shortest steps of a shell script.
  'log-ahead': [
    'the log is copied when the container has been running again for a while',
    { log: { msAfterResume: 25 } },
  ],
  'mode-kept': [
    'an existing file keeps its mode, so that others may read the memory',
    { writing: 'in-place', mode: 'kept' },
  ],
  'tail-kept': ['the tail of a longer existing file stays behind the archive', { writing: 'in-place', tail: 'kept' }],
  'symlink-followed': ['a link at the location is written through', { links: 'followed' }],
  'relative-location': ['a relative location is taken from the working directory', { relativeLocation: 'taken' }],
  'empty-location': ['an empty location is a success without an archive', { emptyLocation: 'no-archive' }],
  'late-check': ['a location that is not suitable is found only after freeze and dump', { locationCheck: 'last' }],
  'field-ignored': ['the timeout of the request has no effect', { timeoutField: 'ignored' }],
} satisfies Readonly<Record<string, readonly [summary: string, difference: Difference]>>;

export type FindingName = keyof typeof table;

export const findings = deviations(
  'finding',
  Object.fromEntries(
    Object.entries(table).map(([name, [summary, difference]]) => [name, [summary, () => checkpoints(difference)]]),
  ),
);

/** Combines the differences of several findings. */
export const differencesOf = (names: readonly FindingName[]): Difference =>
  Object.assign({}, ...names.map((name) => table[name][1]));

/** Findings that containerd 2.1.9 and CRI-O 1.37 share: both open the location last and write in place. */
export const WRITTEN_IN_PLACE: readonly FindingName[] = [
  'field-ignored',
  'relative-location',
  'late-check',
  'symlink-followed',
  'mode-kept',
  'tail-kept',
];
