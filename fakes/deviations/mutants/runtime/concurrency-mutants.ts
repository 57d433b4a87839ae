// Defines runtimes that cannot run several checkpoints at the same time or within a short time.
import fs from 'node:fs/promises';
import { status } from '@grpc/grpc-js';
import { type CriWrapper, onMethod } from '../../../base/cri-call';
import type { RuntimeControl } from '../../../runtime/control';
import { StatusError } from '../../../runtime/grpc/errors';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { lasting } from './lasting';
import { afterSuccess, type Checkpoint, freezeIfRunning, ownCheckpoints } from './own-checkpoints';

const SECOND_MS = 1000;

/** Counts the actions in progress for each key. */
class InProgress {
  readonly #counts = new Map<string, number>();

  /**
   * Runs `action`. The argument of `action` is the number of actions in progress for the key, including this action.
   */
  async run<T>(key: string, call: Checkpoint, action: (inProgress: number) => Promise<T>): Promise<T> {
    const together = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, together);
    try {
      return await lasting(action(together), call);
    } finally {
      this.#counts.set(key, (this.#counts.get(key) ?? 1) - 1);
    }
  }
}

/**
 * Makes effects that call `instead` for a checkpoint that starts while another checkpoint with the same key is in
 * progress.
 */
function insteadOfSecond(keyOf: (call: Checkpoint) => string, instead: (call: Checkpoint) => Promise<object>): Effects {
  const inProgress = new InProgress();
  return {
    runtimeCri: ownCheckpoints((call, next) =>
      inProgress.run(keyOf(call), call, (together) => (together > 1 ? instead(call) : next(call))),
    ),
  };
}

const sameContainer = ({ request }: Checkpoint) => request.container_id;
const refusal = () => new StatusError(status.UNKNOWN, 'another checkpoint is in progress');

function frozenBySeveral(runtime: () => RuntimeControl): CriWrapper {
  const inProgress = new InProgress();
  return ownCheckpoints((call, next) =>
    inProgress.run(sameContainer(call), call, async (together) => {
      const answer = await next(call);
      if (together > 1) freezeIfRunning(runtime(), call.request.container_id);
      return answer;
    }),
  );
}

/** Makes effects that allow only one checkpoint of a container per second. */
function onceASecond(): Effects {
  const last = new Map<string, number>();
  const refuses = ownCheckpoints(async (call, next) => {
    const before = last.get(sameContainer(call)) ?? Number.NEGATIVE_INFINITY;
    if (Date.now() - before < SECOND_MS)
      throw new StatusError(status.ALREADY_EXISTS, 'the checkpoint of this second is there already');
    return next(call);
  });
  const notes = afterSuccess((id) => void last.set(id, Date.now()));
  return { runtimeCri: (call, next) => refuses(call, (passed) => notes(passed, next)) };
}

/** Makes effects that append data to the archive if another checkpoint with the same location is in progress. */
function mixed(): Effects {
  const writes = new Map<string, Promise<void>>();
  return {
    archive: async (job, next) => {
      const other = writes.get(job.location);
      const own = lasting(next(job), job);
      writes.set(job.location, own);
      try {
        await own;
      } finally {
        if (writes.get(job.location) === own) writes.delete(job.location);
      }
      if (other === undefined) return;
      // Wait for the other checkpoint, so that the data follows the archive that was renamed last.
      await other.catch(() => undefined);
      await fs.appendFile(job.location, 'rest of the other one');
    },
  };
}

const table: DeviationTable = {
  'runtime-frozen-by-several-at-once': [
    'Leaves a container frozen after several concurrent checkpoints',
    (runtime) => ({ runtimeCri: frozenBySeveral(runtime) }),
  ],
  'runtime-second-at-once-writes-nothing': [
    'Reports success without an archive while another checkpoint is in progress',
    () => insteadOfSecond(sameContainer, async () => ({})),
  ],
  'runtime-second-at-once-fails-and-writes': [
    'Fails and leaves part of an archive while another checkpoint is in progress',
    () =>
      insteadOfSecond(sameContainer, async ({ request }) => {
        await fs.writeFile(request.location, 'part', { mode: 0o600 });
        throw refusal();
      }),
  ],
  'runtime-one-checkpoint-at-a-time': [
    'Fails while another checkpoint is in progress',
    () => {
      const inProgress = new InProgress();
      return {
        runtimeCri: onMethod('CheckpointContainer', (call, next) =>
          inProgress.run('', call, async (together) => {
            if (together > 1) throw refusal();
            return next(call);
          }),
        ),
      };
    },
  ],
  'runtime-one-checkpoint-a-sandbox': [
    'Fails while another container of the same sandbox is checkpointed',
    (runtime) => {
      // Exclude calls for the same container, because these calls wait for each other.
      const sandboxOf = ({ request }: Checkpoint) => runtime().container(request.container_id)?.sandboxId ?? '';
      const holders = new Map<string, string>();
      const inProgress = new InProgress();
      return {
        runtimeCri: ownCheckpoints((call, next) =>
          inProgress.run(sandboxOf(call), call, async (together) => {
            const holder = holders.get(sandboxOf(call));
            if (together > 1 && holder !== call.request.container_id) throw refusal();
            holders.set(sandboxOf(call), call.request.container_id);
            return next(call);
          }),
        ),
      };
    },
  ],
  'runtime-one-checkpoint-a-second': ['Allows one checkpoint of a container per second', onceASecond],
  'archive-mixed-when-at-once': ['Mixes archives that are written to one location at the same time', mixed],
};

export const atOnceMutants = deviations('mutant', table);
