// Runtimes that misread the request of a checkpoint: its timeout, and the id of its container.
import { status } from '@grpc/grpc-js';
import { onMethod } from '../../../base/cri-call';
import { StatusError } from '../../../runtime/grpc/errors';
import { RuntimeError } from '../../../runtime/state/runtime-error';
import { type DeviationTable, deviations, type Effects } from '../../deviation';
import { type Checkpoint, type NextCheckpoint, ownCheckpoints } from './own-checkpoints';

const MAX_INT64 = '9223372036854775807';
/** A timeout of so many seconds is no kubelet's. */
const SECONDS = '60';

const checkpoint = (wrapper: (call: Checkpoint, next: NextCheckpoint) => Promise<object>): Effects => ({
  runtimeCri: ownCheckpoints(wrapper),
});
const tooLate = () => new StatusError(status.DEADLINE_EXCEEDED, 'the timeout has passed');

/** Fails checkpoints of the containers whose configuration says that a kubelet has restarted them. */
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

const table: DeviationTable = {
  'runtime-refuses-restarted-container': ['fails to checkpoint a container that was restarted', refusesRestarted],
  'runtime-timeout-in-milliseconds': [
    'takes the seconds of a timeout for milliseconds',
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
    'has no room for the largest timeout',
    () =>
      checkpoint(async (call, next) => {
        if (call.request.timeout === MAX_INT64) throw tooLate();
        return next(call);
      }),
  ],
  'runtime-timeout-ignored': [
    'does not look at the timeout',
    () => checkpoint((call, next) => next({ ...call, request: { ...call.request, timeout: '0' } })),
  ],
  'runtime-accepts-empty-id': [
    'succeeds without an id',
    () => checkpoint(async (call, next) => (call.request.container_id === '' ? {} : next(call))),
  ],
  'runtime-takes-the-first-of-several': [
    'checkpoints one of several containers whose ids begin alike',
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
    'succeeds for the start of an id without an archive',
    (runtime) =>
      checkpoint(async (call, next) => {
        const { container_id: asked } = call.request;
        const found = runtime().container(asked);
        return found && found.id !== asked ? {} : next(call);
      }),
  ],
  'runtime-accepts-names': [
    'takes the name of a container for its id',
    (runtime) =>
      checkpoint(async (call, next) => {
        const { containers } = runtime().state();
        return containers.some(({ name }) => name === call.request.container_id) ? {} : next(call);
      }),
  ],
};

export const requestMutants = deviations('mutant', table);
