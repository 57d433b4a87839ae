// Defines runtimes that read the timeout or the container id in a checkpoint request wrongly.
import { isAbsolute } from 'node:path';
import { status } from '@grpc/grpc-js';
import { onMethod } from '../../../base/cri-call';
import { StatusError } from '../../../runtime/grpc/errors';
import { RuntimeError } from '../../../runtime/state/runtime-error';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { withLogElsewhere } from './log-elsewhere';
import { type Checkpoint, type NextCheckpoint, ownCheckpoints } from './own-checkpoints';

const MAX_INT64 = '9223372036854775807';
/** A timeout in seconds that no kubelet uses. */
const SECONDS = '60';

const checkpoint = (wrapper: (call: Checkpoint, next: NextCheckpoint) => Promise<object>): Effects => ({
  runtimeCri: ownCheckpoints(wrapper),
});
const tooLate = () => new StatusError(status.DEADLINE_EXCEEDED, 'the timeout has passed');

/** Makes effects that refuse to checkpoint containers whose configuration shows that a kubelet has restarted them. */
function refusesRestarted(): Effects {
  const restarted = new Set<string>();
  const notes = onMethod('CreateContainer', async (call, next) => {
    const answer = await next(call);
    if ((call.request.config?.metadata?.attempt ?? 0) > 0) restarted.add(answer.container_id ?? '');
    return answer;
  });
  const refuses = ownCheckpoints(async (call, next) => {
    if (restarted.has(call.request.container_id)) throw new StatusError(status.UNKNOWN, 'no such attempt');
    return next(call);
  });
  return { runtimeCri: (call, next) => notes(call, (noted) => refuses(noted, next)) };
}

/** Makes effects with which only the fourth checkpoint of each container fails. */
function failsTheFourth(): Effects {
  const counts = new Map<string, number>();
  return checkpoint(async (call, next) => {
    const { container_id } = call.request;
    const count = (counts.get(container_id) ?? 0) + 1;
    counts.set(container_id, count);
    if (count === 4) throw new StatusError(status.UNKNOWN, 'criu failed: type DUMP errno 0');
    return next(call);
  });
}

const table: DeviationTable = {
  'runtime-fourth-dump-fails': ['Fails the fourth checkpoint of a container', failsTheFourth],
  'runtime-logs-elsewhere': [
    'Writes the log of a container to another path than the request gives',
    () => ({
      runtimeCri: onMethod('CreateContainer', (call, next) =>
        isAbsolute(call.request.config?.image?.image ?? '') ? next(call) : next(withLogElsewhere(call)),
      ),
    }),
  ],
  'runtime-refuses-restarted-container': ['Fails to checkpoint a container that was restarted', refusesRestarted],
  'runtime-timeout-in-milliseconds': [
    'Treats the seconds of a timeout as milliseconds',
    () =>
      checkpoint((call, next) => {
        if (call.request.timeout !== SECONDS) return next(call);
        return new Promise((resolve, reject) => {
          const timer = setTimeout(() => reject(tooLate()), Number(SECONDS));
          void next(call)
            .then(resolve, reject)
            .finally(() => clearTimeout(timer));
        });
      }),
  ],
  'runtime-timeout-overflows': [
    'Overflows with the largest timeout',
    () =>
      checkpoint(async (call, next) => {
        if (call.request.timeout === MAX_INT64) throw tooLate();
        return next(call);
      }),
  ],
  'runtime-timeout-ignored': [
    'Ignores the timeout',
    () => checkpoint((call, next) => next({ ...call, request: { ...call.request, timeout: '0' } })),
  ],
  'runtime-accepts-empty-id': [
    'Succeeds without a container id',
    () => checkpoint(async (call, next) => (call.request.container_id === '' ? {} : next(call))),
  ],
  'runtime-takes-the-first-of-several': [
    'Checkpoints one of several containers if the id is an ambiguous prefix',
    () =>
      checkpoint(async (call, next) => {
        try {
          return await next(call);
        } catch (error) {
          if (error instanceof RuntimeError && /is ambiguous/.test(error.message)) return {};
          throw error;
        }
      }),
  ],
  'runtime-writes-nothing-for-a-start': [
    'Reports success without an archive if the id is a prefix',
    (runtime) =>
      checkpoint(async (call, next) => {
        const { container_id: requested } = call.request;
        const found = runtime().container(requested);
        return found && found.id !== requested ? {} : next(call);
      }),
  ],
  'runtime-accepts-names': [
    'Accepts the name of a container in place of its id',
    (runtime) =>
      checkpoint(async (call, next) => {
        const { containers } = runtime().state();
        return containers.some(({ name }) => name === call.request.container_id) ? {} : next(call);
      }),
  ],
};

export const requestMutants = deviations('mutant', table);
