// Several checkpoints of one container at once in containerd: they share one scratch folder and the name of one image.
import { status } from '@grpc/grpc-js';
import { onMethod } from '../../base/cri-call';
import { pause } from '../../base/waiting';
import type { RuntimeControl } from '../../runtime/control';
import { StatusError } from '../../runtime/grpc/errors';
import { clocked } from '../apply';
import type { Effects } from '../deviation';

/** Each newcomer empties the folder of those before it; until this time has passed they are at their dumps (ms). */
const DUMP_MS = 80;

const two = (number: number) => String(number).padStart(2, '0');

/** As the name of a checkpoint image ends: month-day-year-hours:minutes:seconds, in UTC. */
function imageTime(ms: number): string {
  const now = new Date(ms);
  const day = `${two(now.getUTCMonth() + 1)}-${two(now.getUTCDate())}-${now.getUTCFullYear()}`;
  return `${day}-${two(now.getUTCHours())}:${two(now.getUTCMinutes())}:${two(now.getUTCSeconds())}`;
}

const directoryGone = (id: string) =>
  new StatusError(
    status.UNKNOWN,
    `open /var/lib/containerd/io.containerd.grpc.v1.cri/containers/${id}/ctrd-checkpoint/status: no such file or directory`,
  );

const imageThere = (id: string, now: number) =>
  new StatusError(
    status.ALREADY_EXISTS,
    `checkpointing container "${id}" failed: image "containerd.io/checkpoint/${id}:${imageTime(now)}": already exists`,
  );

/**
 * Of several at once none succeeds: the second one meets the image that the first made in this second, the others find
 * their folder gone (measured: three at once). One that comes while the archive is being written disturbs nothing.
 */
export const allAtOnceFail = (runtime: () => RuntimeControl): Effects =>
  clocked((clock) => {
    /** How many are at their dumps, by container. */
    const dumping = new Map<string, number>();
    return {
      runtimeCri: onMethod('CheckpointContainer', async (call, next) => {
        const found = runtime().container(call.request.container_id);
        if (found?.state !== 'CONTAINER_RUNNING') return next(call);
        const { id } = found;
        const place = (dumping.get(id) ?? 0) + 1;
        dumping.set(id, place);
        if (place > 1) {
          await pause(clock(), DUMP_MS, call.signal);
          throw place === 2 ? imageThere(id, clock().now()) : directoryGone(id);
        }
        try {
          return await next(call);
        } finally {
          dumping.delete(id);
        }
      }),
      archive: async (job, next) => {
        const id = job.snapshot.containerId;
        const together = dumping.get(id) ?? 1;
        dumping.delete(id);
        if (together > 1) throw directoryGone(id);
        await next(job);
      },
    };
  });
